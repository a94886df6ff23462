"""Beginning or continuing a run: what is kept, and what must be made again.

A training is identified by task, network, learner, seed and number of networks, and by the code of a lab's own
classes. More updates continue it. Probes, measures, headlines and comments may change at any time.
"""

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pfc_metarl.arguments import argument, command
from pfc_metarl.data.files import PARTIAL, replacing
from pfc_metarl.runs import manifest as manifests
from pfc_metarl.runs.exports import exports, origin_path
from pfc_metarl.runs.identity import training_difference
from pfc_metarl.runs.lock import LOCK, LOCK_FILE, locked
from pfc_metarl.runs.manifest import versions
from pfc_metarl.runs.run import CHECKPOINTS, HISTORY, REPORT, SNAPSHOTS, STATE, SUMMARY, WEIGHTS, Run, open_run
from pfc_metarl.settings import BadInput, counted


class Begun(NamedTuple):
    """A run that this process may change, and notes on its state."""

    run: Run
    notes: list[str]


@contextlib.contextmanager
def begin(
    folder: Path,
    content: Mapping[str, Any],
    force: bool = False,
    sources: Mapping[str, str] | None = None,
    follow_links: bool = False,
) -> Iterator[Begun]:
    """Begin or continue a run; other processes are locked out of its folder meanwhile.

    Parameters
    ----------
    folder : Path
    content : mapping
        The manifest of a new run: experiment, settings, training, arguments, shards, provenance.
    force : bool
        Replace the existing run.
    sources : mapping, optional
        Text of the lab's files that define the experiment, by name.
    follow_links : bool
        Whether existing files may be symbolic links. A file that is made again replaces the link.

    Raises
    ------
    BadInput
        If the folder holds another run or something else, is in use, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadInput(f"{argument('out', folder)}: {reason}; choose a folder that can be written.") from None
    try:
        with locked_run(folder):
            begun = _ready(folder, content, force, follow_links)
            _keep_sources(begun, sources or {})
            yield begun
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
        raise BadInput(f"{folder}: {error.strerror}; make it writable, or choose another folder.") from None


@contextlib.contextmanager
def locked_run(folder: Path) -> Iterator[None]:
    """Lock the folder of a run.

    Raises
    ------
    BadInput
        If another process is at work there, or the folder holds something else than a run.
    """
    inside = [path for path in folder.iterdir() if path.name not in (LOCK, LOCK_FILE)]
    if inside and not (folder / manifests.NAME).exists() and not all(_left_over(path) for path in inside):
        raise BadInput(f"{argument('out', folder)}: the folder is not empty and holds no run; choose another.")
    with locked(folder):
        yield


def _ready(folder: Path, content: Mapping[str, Any], force: bool, follow_links: bool) -> Begun:
    for path in [*folder.iterdir(), *folder.glob(f"{CHECKPOINTS}/*")]:
        if _left_over(path):
            path.unlink()
    if force:
        _clear(folder)
    if (folder / manifests.NAME).exists():
        begun = _found(folder, content, follow_links)
    else:
        empty: dict[str, Any] = {"complete": False, "trained_on": [], "remade": {}, "stopped": {}, "seconds": {}}
        begun = Begun(Run(folder, {**content, **empty, "files": {}}), [])
        begun.run.update()
    run = begun.run
    if run.trained:
        shutil.rmtree(run.checkpoints, ignore_errors=True)  # left over if the end of a run was interrupted
    else:
        run.checkpoints.mkdir(exist_ok=True)
        _continue_from_states(run)
    return begun


def _found(folder: Path, content: Mapping[str, Any], follow_links: bool) -> Begun:
    run, notes = open_run(folder, follow_links), list[str]()
    longer = _require_same(run, content)
    run.present = content["provenance"]
    notes += _changed_since(run)
    _require_files(run)
    if damaged := run.damage():
        notes.append(f"{folder}: {', '.join(f'{name} ({what})' for name, what in damaged.items())}; made again.")
        files = {name: file for name, file in run.manifest["files"].items() if name not in damaged}
        run.update(files=files, complete=False)
    if longer:
        notes.append(_train_on(run, content))
    changing = {name: content[name] for name in ("experiment", "source", "settings", "changes", "arguments")}
    if {**run.manifest, **changing} != run.manifest:
        run.update(**changing)
    return Begun(run, notes)


def _require_files(run: Run) -> None:
    """Refuse a run of which all files are links: they are not damaged, and would all be made again."""
    names = run.manifest["files"]
    if names and not run.follow_links and all((run.folder / name).is_symlink() for name in names):
        raise BadInput(
            f"{argument('out', run.folder)}: all files of the run are symbolic links; {argument('follow_links')} reads "
            f"them, and {argument('force')} trains again."
        )


def _require_same(run: Run, content: Mapping[str, Any]) -> bool:
    """Return whether the training needs more updates; refuse another training."""
    longer = _is_longer(run, content)
    found = None if longer else _first_difference(run, content)
    if found is not None:
        same = f"{argument(found[0], found[1])} continues it, " if found[0] in ("networks", "seed", "device") else ""
        raise BadInput(
            f"{argument('out', run.folder)}: {_different(*found)}; "
            f"{same}choose another folder, or {argument('force')} to replace it."
        )
    if longer:
        _require_continuable(run, content["training"]["learner"]["updates"])
    if not run.has(WEIGHTS):
        before, now = (versions(each["provenance"]) for each in (run.manifest, content))
        for name in sorted(before):
            if before[name] != now.get(name):
                raise BadInput(
                    f"{argument('out', run.folder)}: the run was begun with {name} {before[name]}, "
                    f"now it is {now.get(name)}; "
                    f"continue with the same version, or use {argument('force')} to begin again."
                )
    return longer


def _first_difference(run: Run, content: Mapping[str, Any]) -> tuple[str, Any, Any] | None:
    """Return where the trainings differ first; the number of updates comes last, as more of them may be wanted."""
    before, now = run.manifest["training"], content["training"]
    learners = before.get("learner"), now.get("learner")
    if all(isinstance(each, Mapping) and "updates" in each for each in learners):
        as_many = {**now, "learner": {**now["learner"], "updates": before["learner"]["updates"]}}
        if (found := training_difference(before, as_many)) is not None:
            return found
    return training_difference(before, now)


def _different(path: str, there: Any, here: Any) -> str:
    part, _, field = path.partition(".")
    if field.startswith("class.") or field == "class":
        if isinstance(there, str | None) and isinstance(here, str | None) and field == "class.code":
            return f"the code of the {part} was changed since the networks were trained"
        return f"the run there has another {part}"
    return f"the run there has {path} = {there!r}, this {command()} {here!r}"


def _is_longer(run: Run, content: Mapping[str, Any]) -> bool:
    """Return whether the only difference is that a complete training needs more updates."""
    before, now = (each["training"].get("learner", {}) for each in (run.manifest, content))
    old, new = (each.get("updates") if isinstance(each, Mapping) else None for each in (before, now))
    if not run.has(WEIGHTS) or not isinstance(old, int) or not isinstance(new, int) or new <= old:
        return False
    same = {**content["training"], "learner": {**now, "updates": old}}
    return training_difference(run.manifest["training"], same) is None


def _require_continuable(run: Run, updates: int) -> None:
    """Check that a training can be continued with more updates."""
    learner = run.manifest["training"]["learner"]
    if learner.get("snapshots"):
        raise BadInput(
            f"{argument('out', run.folder)}: snapshots are taken at fractions of "
            f"{counted(learner['updates'], 'update')}, so the training cannot continue to {updates}; "
            f"choose another folder, or use {argument('force')} to train again."
        )
    if not any(name.startswith(STATE) for name in run.manifest["files"]):
        raise BadInput(
            f"{argument('out', run.folder)}: the state at the end of its training is missing; "
            f"{argument('force')} trains again."
        )


def _train_on(run: Run, content: Mapping[str, Any]) -> str:
    """Prepare a training for more updates; return a note on it."""
    done, updates = (each["training"]["learner"]["updates"] for each in (run.manifest, content))
    old = (WEIGHTS, HISTORY, SUMMARY, "causality.nc")
    files = {name: file for name, file in run.manifest["files"].items() if name not in old}
    trained_on = [*run.manifest["trained_on"], done]
    same = {name: content[name] for name in ("training", "settings")}  # in one write, as they must agree
    run.update(**same, trained_on=trained_on, files=files, complete=False)
    return (
        f"{run.folder}: training continues from update {done} to {updates}; decaying settings follow the schedule of "
        f"{updates} updates from update {done} on."
    )


def _continue_from_states(run: Run) -> None:
    """Copy the final state of each shard to the checkpoints, so that training continues from there."""
    ends = run.manifest["trained_on"]
    updates = run.manifest["training"]["learner"]["updates"]
    for name in [name for name in run.manifest["files"] if name.startswith(STATE)]:
        networks, _, end = name.removeprefix(STATE).removesuffix(".safetensors").rpartition("_to_")
        target = run.checkpoints / f"networks_{networks}_to_{end}.safetensors"
        if int(end) in (*ends, updates) and not target.exists():
            with replacing(target) as temporary:
                shutil.copyfile(run.intact(name), temporary)


def _changed_since(run: Run) -> list[str]:
    """Return notes on what has changed since the run was made."""
    before, now = run.manifest["provenance"], run.present
    notes = []
    other = [
        f"{name} {before.get(name)}, now {now.get(name)}" for name in versions(now) if before.get(name) != now[name]
    ]
    if other:
        kept = "complete results are kept, missing ones are made with the present versions"
        notes.append(f"{run.folder}: made with {', '.join(other)}; {kept}, as run.json then says.")
    elif before.get("code") != now["code"]:
        notes.append(
            f"{run.folder}: the code of pfc_metarl has changed since the run was begun; complete results are kept."
        )
    return notes


def _keep_sources(begun: Begun, sources: Mapping[str, str]) -> None:
    """Store the text of a lab's files in the run; return a note on files that have changed since."""
    run = begun.run
    changed = []
    for name, text in sources.items():
        path = run.folder / manifests.SOURCE / name
        stored = path.read_text(encoding="utf-8") if run.has(f"{manifests.SOURCE}/{name}") else None
        if stored != text:
            changed += [name] if stored is not None else []
            with replacing(path) as temporary:
                temporary.write_text(text, encoding="utf-8")
            run.add(path)
    if changed and run.has(WEIGHTS):
        begun.notes.append(
            f"{', '.join(changed)}: changed since the networks were trained, but not what they were trained with; "
            "their weights are kept."
        )


def _left_over(path: Path) -> bool:
    return path.name.startswith(".") and path.name.endswith(PARTIAL)


def _clear(folder: Path) -> None:
    """Remove the files of a run, its report and tables exported from it, and nothing else."""
    for name in (CHECKPOINTS, manifests.SOURCE):
        shutil.rmtree(folder / name, ignore_errors=True)
    tables = exports(folder)
    named = [folder / name for name in (manifests.NAME, WEIGHTS, SNAPSHOTS, SUMMARY, REPORT)]
    written = [*folder.glob("*.nc"), *folder.glob(f"{STATE}*.safetensors")]
    for path in [*named, *written, *tables, *map(origin_path, tables)]:
        path.unlink(missing_ok=True)
