"""What a report says about a run, as plain values and texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pfc_metarl.data.facts import mean_rewards
from pfc_metarl.reports import verdicts
from pfc_metarl.reports.drawing import curves
from pfc_metarl.reports.methods import class_name, paragraph
from pfc_metarl.reports.sentences import WHY_STOPPED, judged
from pfc_metarl.runs.manifest import UNVERSIONED, versions
from pfc_metarl.runs.run import HISTORY, SUMMARY
from pfc_metarl.settings import counted

if TYPE_CHECKING:
    import numpy as np

    from pfc_metarl.experiments.base import Experiment, Probe
    from pfc_metarl.experiments.nulls import Null
    from pfc_metarl.runs.run import Run

CURVE = "reward_per_trial"
"""The variable of the history that is shown first; every learner reports it."""


def content(
    run: Run, experiment: Experiment | None = None, nulls: Mapping[str, Sequence[Null]] | None = None
) -> dict[str, Any]:
    """Return what the report of a run shows.

    Parameters
    ----------
    run : Run
    experiment : Experiment, optional
        Of the run; without it the report names no nulls, probes and reference agents.
    nulls : mapping, optional
        Nulls that were measured, see `pfc_metarl.experiments.nulls.nulls`.

    Returns
    -------
    dict
        Of texts, and of tables as lists of rows.
    """
    manifest = run.manifest
    summary = run.summary() if run.has(SUMMARY) else None
    measures = summary["measures"] if summary else []
    headlines = {headline.label: headline for headline in experiment.headlines} if experiment else {}
    return {
        "name": name_of(run),
        "claim": summary["claim"]["text"] if summary else experiment.claim if experiment else "",
        "judged": judged(summary["claim"]) if summary else "",
        "facts": facts(manifest),
        "settings": settings_table(manifest),
        "curves": {name.replace("_", " "): _graph(name, values) for name, values in histories(run).items()},
        "rows": verdicts.rows(measures, headlines, nulls),
        "missed": verdicts.reached_by_network(measures),
        "controls": controls(run, experiment, summary),
        "warnings": warnings(run, summary),
        "methods": paragraph(manifest, summary),
        "versions": versions(manifest["provenance"]),
        "origin": {name: manifest["provenance"][name] for name in UNVERSIONED if name in manifest["provenance"]},
        "command": run.command(),
        "files": {name: file["sha256"] for name, file in manifest["files"].items()},
    }


def name_of(run: Run) -> str:
    """Return the name of the experiment of a run."""
    return run.manifest["experiment"] or f"{class_name(run.manifest['training']['task'])} (made in Python)"


def facts(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return what was run, in a few facts.

    Examples
    --------
    >>> training = {name: {"class": f"mine.{name.title()}"} for name in ("task", "network", "learner")}
    >>> found = {"training": training, "settings": {"networks": 8, "learner": {"updates": 300}}, "seed": 0}
    >>> facts({**found, "device": "cpu"})["cohort"]
    '8 networks, seed 0'
    """
    settings, training = manifest["settings"], manifest["training"]
    n = settings["networks"]
    return {
        "cohort": f"{counted(n, 'network')}, seed {manifest['seed']}",
        "task": class_name(training["task"]),
        "network": class_name(training["network"]),
        "learner": f"{class_name(training['learner'])}, {counted(settings['learner']['updates'], 'update')}",
        "device": manifest["device"],
    }


def settings_table(manifest: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """Return all settings: name, value, and whether it differs from the experiment as it is written.

    Examples
    --------
    >>> settings_table({"settings": {"task": {"p": 0.7, "n": 2}}, "changes": {"task": {"p": 0.7}}})
    [('task.p', '0.7', True), ('task.n', '2', False)]
    """
    changed = dict(_flat(manifest["changes"]))
    return [(name, str(value), name in changed) for name, value in _flat(manifest["settings"])]


def _flat(group: Mapping[str, Any], path: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in group.items():
        nested = isinstance(value, Mapping) and value
        found += _flat(value, f"{path}{name}.") if nested else [(f"{path}{name}", value)]
    return found


def histories(run: Run) -> dict[str, np.ndarray]:
    """Return the curves of the training by variable, shape (update, network), the reward per trial first."""
    if not run.has(HISTORY):
        return {}
    history = run.history()
    names = sorted((str(name) for name in history.data_vars), key=lambda name: name != CURVE)
    return {
        name: history[name].transpose("update", "network").values
        for name in names
        if set(history[name].dims) == {"update", "network"}
    }


def _graph(name: str, values: np.ndarray) -> str:
    return curves({counted(values.shape[1], "network"): values}, name.replace("_", " "))


def controls(run: Run, experiment: Experiment | None, summary: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """Return for every recording which agent it shows in which condition, and what it earned."""
    found = []
    hashes = (summary or {}).get("weights_sha256", {})
    probes = experiment.probes if experiment else {}
    for name in run.recordings():
        probe = max((each for each in probes if name == each or name.startswith(f"{each}_")), key=len, default="")
        agent = name.removeprefix(probe).removeprefix("_").replace("_", " ") or "trained networks"
        known = {"untrained": "the same networks before the training"}
        condition = _condition(probes[probe], name in hashes) if probe else ""
        entry = {"recording": name, "agent": known.get(agent, agent), "condition": condition}
        found.append({**entry, "reward": _reward(run, name), "weights": hashes.get(name, "")[:12]})
    return found


def _reward(run: Run, name: str) -> str:
    """Return the mean reward per trial of a recording and its standard error."""
    try:
        reward = mean_rewards(run.folder / f"{name}.nc")
    except (OSError, KeyError):  # it is damaged, which the command `verify` tells
        return ""
    error = f" ± {reward.std(ddof=1) / reward.size**0.5:.3f}" if reward.size > 1 else ""
    return f"{reward.mean():.3f}{error}"


def _condition(probe: Probe, of_networks: bool) -> str:
    """Return what is different in a probe."""
    parts = [counted(probe.episodes, "episode")]
    parts += ["weights go on learning" if probe.plastic else "weights frozen"] if of_networks else []
    parts += [f"{key.replace('_', ' ')} {value}" for key, value in probe.changes.items()]
    parts += ["another task"] if probe.in_task is not None else []
    parts += ["with an intervention"] if probe.intervene is not None else []
    parts += [f"in the worlds of {probe.worlds}"] if probe.worlds else []
    return ", ".join(parts)


def warnings(run: Run, summary: Mapping[str, Any] | None) -> list[str]:
    """Return what a reader must know before using the numbers, in sentences."""
    manifest = run.manifest
    found = [] if run.complete else ["The run is not complete; the command below continues it."]
    found += [f"Network {n} was stopped at update {at}: {WHY_STOPPED}." for n, at in manifest["stopped"].items()]
    if summary and (changed := ", ".join(summary["claim"]["changed"])):
        found.append(f"Changed: {changed}. Expected values were measured in reference agents, or are left out.")
    if summary and not any(row.get("criterion") for row in summary["measures"]):
        found.append("No headline measure has a criterion, so nothing is judged.")
    if summary and any(row["n"] == 1 for row in summary["measures"]):
        found.append("There is one network, so there is no standard error and no test.")
    if manifest["remade"]:
        found.append(f"Made with other versions than the rest: {', '.join(manifest['remade'])}.")
    if manifest["provenance"].get("git", "").endswith("-dirty"):
        found.append("The code of the package had changes that were not committed.")
    return found
