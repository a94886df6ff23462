"""The folder of a sweep: its design in sweep.json, the cells, the dataset, the log, and the errors of failed cells.

sweep.json    experiments with the settings that all cells have, and the settings that are varied
sweep.nc      headline measures of all cells that are complete
sweep.log     what was done when
cells/        a run directory for each cell
errors/       a text file for each cell that failed for good
"""

import contextlib
import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pfc_metarl.arguments import argument, command
from pfc_metarl.data.files import replacing, write_json
from pfc_metarl.execution.source import Source
from pfc_metarl.experiments.registry import differences, split
from pfc_metarl.settings import BadInput, shown
from pfc_metarl.sweeps.cells import Cell, Sweep
from pfc_metarl.sweeps.design import flattened
from pfc_metarl.sweeps.sites import TOKEN

FILE, DATASET, LOG, ERRORS = "sweep.json", "sweep.nc", "sweep.log", "errors"
FORMAT = 1


def prepare(sweep: Sweep, check: Callable[[str], None] | None = None) -> str:
    """Make the folder of a sweep, or continue one; return the identifier of the sweep.

    The settings that all cells have must be the same as before. For other values see
    `pfc_metarl.sweeps.continuation.continued`.

    Parameters
    ----------
    sweep : Sweep
    check : callable, optional
        Called with the identifier before the design is written. If it raises an error, the folder is as it was before.

    Raises
    ------
    BadInput
        If the folder holds another sweep, or cannot be written.
    """
    before = require_same_sweep(sweep)
    content = _content(sweep) | ({"id": before["id"]} if before else {})
    with _unchanged_after_an_error(sweep.folder):
        if check is not None:
            check(str(content["id"]))
        with writable(sweep.folder):
            write_json(sweep.folder / FILE, content)
    return str(content["id"])


@contextlib.contextmanager
def _unchanged_after_an_error(folder: Path) -> Iterator[None]:
    """Remove the token and the folders that are new, if an error is raised."""
    new = [each for each in (folder / TOKEN, folder, *folder.absolute().parents) if not each.exists()]
    try:
        yield
    except BaseException:
        for each in new:
            with contextlib.suppress(OSError):
                each.rmdir() if each.is_dir() else each.unlink()
        raise


@contextlib.contextmanager
def writable(folder: Path) -> Iterator[None]:
    """Say of an error of the file system that a folder cannot be written."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput(f"{argument('out', folder)}: {reason}; choose a folder that can be written.") from None


def require_same_sweep(sweep: Sweep) -> dict[str, Any] | None:
    """Return the design in the folder of a sweep; None if there is nothing in it.

    Raises
    ------
    BadInput
        If the folder holds another sweep, or something else.
    """
    folder = sweep.folder
    try:
        if (folder / FILE).exists():
            before = read(folder)
            _require_same(folder, before, _content(sweep))
            return before
        if folder.exists() and not folder.is_dir():
            raise BadInput(f"{argument('out', folder)}: this is a file; choose a folder.")
        if folder.is_dir() and any(not each.name.startswith(TOKEN) for each in folder.iterdir()):
            raise BadInput(f"{argument('out', folder)}: the folder is not empty and holds no sweep; choose another.")
    except OSError as error:
        raise BadInput(f"{argument('out', folder)}: {error.strerror}; choose another folder.") from None
    return None


def _content(sweep: Sweep) -> dict[str, Any]:
    axes = [
        {"dim": axis.dim, "values": {name: list(values) for name, values in axis.values.items()}} for axis in sweep.axes
    ]
    return {
        "format": FORMAT,
        "id": uuid.uuid4().hex,
        "experiments": {name: source.experiment.numbers() for name, source in sweep.sources.items()},
        "origins": {name: _origin(source) for name, source in sweep.sources.items()},
        "seed": sweep.terms.seed,
        "shards": sweep.terms.shards,
        "axes": axes,
    }


def _origin(source: Source) -> str:
    """Return the name of an experiment of the package, or the path of a lab's file; empty if it was made in Python."""
    path, _ = split(source.name)
    return str(Path(source.name).absolute()) if path else source.name


def is_sweep(folder: Path) -> bool:
    """Return whether a folder is that of a sweep."""
    return (folder / FILE).is_file()


def read(folder: Path) -> dict[str, Any]:
    """Read the design of a sweep.

    Raises
    ------
    BadInput
        If the folder holds none, or the file is damaged.
    """
    path = folder / FILE
    if not path.is_file():
        raise BadInput(f"{folder}: this is no folder of a sweep, it has no file {FILE}.")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        missing = {"format", "id", "experiments", "seed", "shards", "axes"} - set(content)
    except (OSError, ValueError, TypeError):
        content, missing = {}, {"everything"}
    if missing or content["format"] != FORMAT:
        raise BadInput(f"{path}: it cannot be read as the design of a sweep; move it, and repeat the {command()}.")
    return dict(content)


def _require_same(folder: Path, before: dict[str, Any], now: dict[str, Any]) -> None:
    """Refuse a sweep with other fixed settings than that in the folder."""
    pairs = [(name, before[name], now[name]) for name in ("seed", "shards")]
    pairs += [("experiments", list(before["experiments"]), list(now["experiments"]))]
    pairs += [("settings that are varied", _varied(before), _varied(now))]
    for name, there, here in pairs:
        if there != here:
            raise BadInput(_other(folder, name, there, here))
    plain = json.loads(json.dumps(now["experiments"]))
    for name, settings in before["experiments"].items():
        fixed = flattened(differences(settings, plain[name]))
        for setting, here in fixed.items():
            raise BadInput(_other(folder, setting, flattened(settings).get(setting), here))


def _varied(content: dict[str, Any]) -> list[str]:
    """Return the settings of each axis; those that change together are joined."""
    return [" with ".join(axis["values"]) for axis in content["axes"]]


def _other(folder: Path, name: str, there: Any, here: Any) -> str:
    return (
        f"{argument('out', folder)}: the sweep there has {name} = {shown(there)}, this {command()} {shown(here)}; "
        "choose another folder."
    )


def errors(sweep: Sweep) -> dict[str, str]:
    """Return the errors of cells that failed for good, by the name of the cell."""
    found = {cell.name: _error_file(sweep, cell) for cell in sweep.cells()}
    return {name: path.read_text(encoding="utf-8").strip() for name, path in found.items() if path.is_file()}


def note_error(sweep: Sweep, cell: Cell, error: str) -> None:
    """Write the error of a cell; an empty one removes it."""
    path = _error_file(sweep, cell)
    if error:
        with replacing(path) as temporary:
            temporary.write_text(error + "\n", encoding="utf-8")
    else:
        path.unlink(missing_ok=True)


def _error_file(sweep: Sweep, cell: Cell) -> Path:
    return sweep.folder / ERRORS / f"{cell.name}.txt"


@contextlib.contextmanager
def log(folder: Path) -> Iterator[Any]:
    """Open the log, to which lines are added."""
    with (folder / LOG).open("a", encoding="utf-8", buffering=1) as file:
        yield file
