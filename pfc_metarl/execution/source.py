"""The origin of an experiment: the package, a lab's file, or Python; and the experiment of a run."""

import importlib
import inspect
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from pfc_metarl import experiments
from pfc_metarl.experiments.base import Experiment
from pfc_metarl.experiments.registry import differences, loaded, name_of, split
from pfc_metarl.runs.code import of_a_lab
from pfc_metarl.runs.manifest import SOURCE
from pfc_metarl.runs.run import Run
from pfc_metarl.settings import BadInput, changed, merged, shown
from pfc_metarl.tasks import check_task

PARTS = ("task", "network", "learner")


class Source(NamedTuple):
    """An experiment and its origin."""

    experiment: Experiment
    name: str
    """Name in the package, or path of a lab's file; empty if it was made in Python."""
    changes: Mapping[str, Any]
    """Settings that differ from those of the experiment of that name."""
    file: str = ""
    """Name of the lab's file that defines it."""
    texts: Mapping[str, str] = MappingProxyType({})
    """Text of the lab's files that define it, by name."""


def resolved(experiment: Experiment | str | Path, changes: Mapping[str, Any]) -> Source:
    """Return an experiment, given as an object, a name, or the path of a file, with some settings changed.

    Raises
    ------
    BadInput
        If there is no such experiment, a setting is refused, or a task breaks the contract.
    """
    if not isinstance(experiment, str | Path | Experiment):
        raise BadInput(
            f"experiment = {shown(experiment)}: give an Experiment, the name of one, or the path of a .py file."
        )
    if isinstance(experiment, Experiment):
        return _made_in_python(_checked(changed(experiment, changes)))
    found, texts = loaded(str(experiment))
    path, _ = split(str(experiment))
    made = _checked(changed(found, changes))
    return Source(made, str(experiment), _differences(found, made), path.name if path else "", texts)


def varied(source: Source, changes: Mapping[str, Any]) -> Source:
    """Return a source with further settings changed; its file is not read again.

    Raises
    ------
    BadInput
        If a setting is refused.
    """
    made = _checked(changed(source.experiment, changes))
    return source._replace(experiment=made, changes=merged(source.changes, _differences(source.experiment, made)))


def _checked(experiment: Experiment) -> Experiment:
    for name, probe in experiment.probes.items():
        probe.task(experiment.task, name)
    return experiment


def _made_in_python(experiment: Experiment) -> Source:
    if of_a_lab(type(experiment.task)):
        check_task(experiment.task)
    name = name_of(experiment)
    changes = _differences(experiments.load(name), experiment) if name else {}
    return Source(experiment, name or "", changes, texts=_texts(experiment))


def _differences(written: Experiment, experiment: Experiment) -> dict[str, Any]:
    """Return the settings that are not those of an experiment as it is written."""
    return differences(written.numbers(), experiment.numbers())


def _texts(experiment: Experiment) -> dict[str, str]:
    """Return the source of the classes that a script, notebook or module of a lab defines, if it is available."""
    texts: dict[str, str] = {}
    for each in (type(getattr(experiment, part)) for part in PARTS):
        if of_a_lab(each):
            try:
                path = Path(str(inspect.getsourcefile(each)))
                name = path.name if path.is_file() else f"{each.__name__}.py"
                texts[name] = path.read_text(encoding="utf-8") if path.is_file() else inspect.getsource(each)
            except (OSError, TypeError, UnicodeDecodeError):
                continue
    return texts


def experiment_of(run: Run) -> Experiment:
    """Return the experiment of a run as it was when the run was made; the source of a lab's experiment is in the run.

    Raises
    ------
    BadInput
        If its classes were defined in Python, or its source is damaged.
    """
    manifest = run.manifest
    if not manifest["experiment"]:
        raise BadInput(
            f"{run.folder}: its experiment was made in Python and is not stored with it; "
            "give it to pfc_metarl.simulate or Run.remeasure again, or define it in a file."
        )
    if not manifest["source"]:
        return with_settings_of(run, experiments.load(manifest["experiment"]))
    main = f"{SOURCE}/{manifest['source']}"
    for name in {main, *(name for name in manifest["files"] if name.startswith(f"{SOURCE}/"))}:
        run.intact(name)
    path, (_, variant) = run.folder / main, split(manifest["experiment"])
    return with_settings_of(run, experiments.load(f"{path}:{variant}" if variant else str(path)))


def present_experiment_of(run: Run, changes: Mapping[str, Any] = MappingProxyType({})) -> Source:
    """Return the experiment of a run from its present file; if there is no file, from the source stored in the run.

    Parameters
    ----------
    run : Run
    changes : mapping
        Settings to change, besides those of the run.
    """
    name = run.manifest["experiment"]
    path, variant = split(name)
    if path is not None and not path.is_file():
        path = run.folder / SOURCE / run.manifest["source"]
    if not name:
        return Source(experiment_of(run), "", {})
    found, texts = loaded(f"{path}:{variant}" if variant and path else str(path or name))
    experiment = _checked(changed(with_settings_of(run, found), changes))
    return Source(experiment, name, _differences(found, experiment), run.manifest["source"], texts)


def changed_file(run: Run) -> str | None:
    """Return a note if the lab's file from which a run was made has changed.

    Raises
    ------
    BadInput
        If the copy in the run is damaged.
    """
    path, _ = split(run.manifest["experiment"])
    if path is None or not path.is_file():
        return None
    stored = run.intact(f"{SOURCE}/{run.manifest['source']}")
    if path.read_bytes() == stored.read_bytes():
        return None
    return f"{path}: changed since the run was made; the copy in {stored.parent} is used."


def with_settings_of(run: Run, experiment: Experiment) -> Experiment:
    """Return an experiment with the settings of a run."""
    settings = {name: run.manifest["settings"][name] for name in ("networks", *PARTS)}
    trained = differences(experiment.numbers(), settings)
    probes = run.manifest["changes"].get("probes", {})
    known = {name: value for name, value in probes.items() if name in experiment.probes}
    made: Experiment = changed(experiment, merged(trained, {"probes": known}))
    return made


def parts_of(run: Run) -> tuple[Any, Any, Any]:
    """Return task, network and learner of a run.

    Raises
    ------
    BadInput
        If the class of one of them was defined in Python and is not stored.
    """
    if run.manifest["experiment"]:
        experiment = experiment_of(run)
        return experiment.task, experiment.network, experiment.learner
    task, network, learner = (_made(run, part) for part in PARTS)
    return task, network, learner


def _made(run: Run, part: str) -> Any:
    home = run.manifest["training"][part]["class"]
    module, _, name = home.rpartition(".") if isinstance(home, str) else ("", "", "")
    if not module.startswith(f"{__name__.partition('.')[0]}."):
        raise BadInput(f"{run.folder}: the class of its {part} was defined in Python; load the run where it is known.")
    return getattr(importlib.import_module(module), name)(**run.manifest["settings"][part])
