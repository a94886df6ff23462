"""A run directory: what a simulation leaves behind.

    run.json              settings, seed, versions, what is complete, and the hash of every file
    weights.safetensors   weights of the cohort
    stages.safetensors    the weights it had on the way there, if the learner names snapshots
    history.nc            reward, losses and gradient norm of every update
    <probe>.nc            one recording per probe; <probe>_<animal>.nc for each reference animal, <probe>_untrained.nc
                          and <probe>_stage_1.nc etc. for the same networks before and during training
    summary.json          the headline measures
    causality.nc          what becomes of behaviour when units are edited, if `pfc_metarl.causality` was run
    checkpoints/          while networks are in training

A file counts only once the manifest names it, with its hash; whatever else lies there was left by an interruption and
is made again.
"""

import contextlib
import json
import shlex
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfc_metarl.data.files import PARTIAL, replacing, write_json
from pfc_metarl.runs import manifest as manifests
from pfc_metarl.runs.lock import LOCK, LOCK_FILE, locked
from pfc_metarl.settings import BadInput, printable

if TYPE_CHECKING:
    import xarray as xr

    from pfc_metarl.networks.weights import Weights

WEIGHTS, STAGES, HISTORY, SUMMARY = "weights.safetensors", "stages.safetensors", "history.nc", "summary.json"
CHECKPOINTS = "checkpoints"
IDENTITY = ("experiment", "source", "seed", "device", "settings")
"""What must be the same for a command to go on with a run."""


class Run:
    """A run directory and its manifest.

    Parameters
    ----------
    folder : Path
    manifest : mapping
    """

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        self.folder, self.manifest = folder, dict(manifest)

    @property
    def complete(self) -> bool:
        """Whether everything is there that the experiment asks for."""
        return bool(self.manifest["complete"])

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.folder / CHECKPOINTS

    def command(self) -> str:
        """Return the command that made the run; repeated, it goes on, or makes again what is damaged."""
        return printable(shlex.join(["python", "-m", "pfc_metarl.simulate", *self.manifest["arguments"]]))

    def origin(self) -> dict[str, Any]:
        """Return what whatever is made of this run should say of where it comes from."""
        return {name: self.manifest[name] for name in ("experiment", "seed", "settings", "provenance")}

    def damage(self) -> dict[str, str]:
        """Return what is wrong, by file."""
        found = {name: manifests.damage(self.folder, name, file) for name, file in self.manifest["files"].items()}
        return {name: problem for name, problem in found.items() if problem is not None}

    def has(self, name: str) -> bool:
        """Whether a file was completed, and was whole when the run was begun."""
        return name in self.manifest["files"]

    def add(self, path: Path) -> None:
        """Enter a completed file into the manifest."""
        self.update(files={**self.manifest["files"], path.name: manifests.entry(path)})

    def update(self, **content: Any) -> None:
        """Change the manifest."""
        self.manifest |= content
        manifests.write_manifest(self.folder, self.manifest)

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Write the headline measures, mark the run as complete and drop the checkpoints."""
        write_json(self.folder / SUMMARY, summary)
        self.add(self.folder / SUMMARY)
        self.update(complete=True)
        shutil.rmtree(self.checkpoints, ignore_errors=True)

    def summary(self) -> dict[str, Any]:
        """Return the headline measures, and which networks were stopped."""
        content: dict[str, Any] = json.loads(self._intact(SUMMARY).read_text(encoding="utf-8"))
        return content

    def save_dataset(self, name: str, dataset: "xr.Dataset") -> None:
        """Write a dataset, such as the history, as <name>.nc."""
        from pfc_metarl.data.dataset import save

        self.add(save(dataset, self.folder / f"{name}.nc"))

    def save_recording(self, name: str, parts: Iterable["xr.Dataset"]) -> None:
        """Write a recording as <name>.nc while its parts come in."""
        from pfc_metarl.data.streaming import save_parts

        self.add(save_parts(parts, self.folder / f"{name}.nc"))

    def recording(self, name: str) -> "xr.Dataset":
        """Open a recording by its name.

        Raises
        ------
        BadInput
            If there is none, or it is damaged.
        """
        from pfc_metarl.data.dataset import open_recording

        return open_recording(self._intact(f"{name}.nc"))

    def history(self) -> "xr.Dataset":
        """Open the history: dims update and network."""
        from pfc_metarl.data.dataset import load

        return load(self._intact(HISTORY))

    def table(self, name: str) -> "xr.Dataset":
        """Open what was measured of the run and saved beside its recordings, such as "causality"."""
        from pfc_metarl.data.dataset import load

        return load(self._intact(f"{name}.nc"))

    def save_weights(self, weights: "Weights", facts: Mapping[str, Any], name: str = WEIGHTS) -> None:
        """Write the weights of the cohort: those at the end, or as `STAGES` those on the way there."""
        from safetensors.torch import save

        tensors = {name: tensor.contiguous() for name, tensor in weights.items()}
        one_entry = {"facts": json.dumps(dict(facts))}  # safetensors writes several in random order
        with replacing(self.folder / name) as temporary:
            temporary.write_bytes(save(tensors, one_entry))
        self.add(self.folder / name)

    def weights(self, name: str = WEIGHTS) -> "Weights":
        """Read the weights of the cohort: those at the end, or as `STAGES` those on the way there."""
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        path = self._intact(name)
        try:
            return dict(load_file(path))
        except (OSError, SafetensorError) as error:
            raise BadInput(f"{path} cannot be read ({error}); to make it again: {self.command()}") from None

    def _intact(self, name: str) -> Path:
        files = self.manifest["files"]
        if name not in files:
            raise BadInput(f"{self.folder} holds no {name}; it holds {', '.join(files) or 'nothing complete yet'}.")
        problem = manifests.damage(self.folder, name, files[name])
        if problem is not None:
            raise BadInput(f"{self.folder / name} is damaged, {problem}; to make it again: {self.command()}")
        return self.folder / name


def open_run(folder: str | Path) -> Run:
    """Open a run directory.

    Raises
    ------
    BadInput
        If it is none, or its manifest is damaged.
    """
    folder = Path(folder)
    manifest = manifests.read_manifest(folder)
    manifests.require_run(folder, manifest)
    return Run(folder, manifest)


def open_recording(path: str | Path) -> "xr.Dataset":
    """Open a recording and check it against the schema.

    Parameters
    ----------
    path : str or Path
        A netCDF file. In a run directory it must be as the run's manifest has it.

    Raises
    ------
    BadInput
        If there is no such file, it is no recording, or it was changed since the run was made.

    Examples
    --------
    >>> open_recording("nowhere.nc")
    Traceback (most recent call last):
    pfc_metarl.settings.BadInput: nowhere.nc: there is no such file.
    """
    from pfc_metarl.data import dataset

    path = Path(path)
    if (path.parent / manifests.NAME).is_file():
        run = open_run(path.parent)
        if run.has(path.name):
            return run.recording(path.stem)
    return dataset.open_recording(path)


@contextlib.contextmanager
def begin(folder: Path, content: Mapping[str, Any], force: bool = False) -> Iterator[Run]:
    """Begin a run, or go on with one, and keep other processes out of its folder meanwhile.

    Parameters
    ----------
    folder : Path
    content : mapping
        The manifest of a new run: `IDENTITY`, arguments, shares, provenance.
    force : bool
        Begin anew whatever run is there.

    Raises
    ------
    BadInput
        If the folder holds another run or something else, is in use, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadInput(f"--out {folder}: {reason}; choose a folder that can be written.") from None
    try:
        with _locked(folder):
            yield _ready(folder, content, force)
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
        raise BadInput(f"--out {folder}: {error.strerror}; choose a folder that can be written.") from None


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a run; the system frees it when its owner dies."""
    inside = [path for path in folder.iterdir() if path.name not in (LOCK, LOCK_FILE)]
    if inside and not (folder / manifests.NAME).exists() and not all(_left_over(path) for path in inside):
        raise BadInput(f"--out {folder}: the folder is not empty and holds no run; choose another.")
    with locked(folder):
        yield


def _ready(folder: Path, content: Mapping[str, Any], force: bool) -> Run:
    for path in [*folder.iterdir(), *folder.glob(f"{CHECKPOINTS}/*")]:
        if _left_over(path):
            path.unlink()
    if force:
        _clear(folder)
    if (folder / manifests.NAME).exists():
        run = open_run(folder)
        _require_same(run, content)
        damaged = run.damage()
        if damaged:
            whole = {name: file for name, file in run.manifest["files"].items() if name not in damaged}
            run.update(files=whole, complete=False)
    else:
        run = Run(folder, {**content, "complete": False, "stopped": {}, "seconds": {}, "files": {}})
        run.update()
    if run.complete:
        shutil.rmtree(run.checkpoints, ignore_errors=True)  # a finish that was interrupted may have left them
    else:
        run.checkpoints.mkdir(exist_ok=True)
    return run


def _left_over(path: Path) -> bool:
    return path.name.startswith(".") and path.name.endswith(PARTIAL)


def _clear(folder: Path) -> None:
    """Remove what a run writes, and nothing else."""
    shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)
    for path in [folder / name for name in (manifests.NAME, WEIGHTS, STAGES, SUMMARY)] + list(folder.glob("*.nc")):
        path.unlink(missing_ok=True)


def _require_same(run: Run, content: Mapping[str, Any]) -> None:
    for name in IDENTITY:
        there, here = _first_difference(run.manifest[name], content[name], name)
        if there is not None:
            raise BadInput(
                f"--out {run.folder}: the run there has {there}, this command {here}; "
                "choose another folder, or --force to replace it."
            )
    if run.complete:
        return
    before, now = run.manifest["provenance"], content["provenance"]
    for name in sorted(set(before) - {"git", "platform"}):
        if before[name] != now.get(name):
            raise BadInput(
                f"--out {run.folder}: the run was begun with {name} {before[name]}, here is {now.get(name)}; "
                "go on with the same version, or --force to begin again."
            )


def _first_difference(there: Any, here: Any, path: str) -> tuple[str | None, str | None]:
    """Return the first setting that differs, as it is there and here, or two Nones."""
    if isinstance(there, Mapping) and isinstance(here, Mapping):
        for name in {**there, **here}:
            found = _first_difference(there.get(name), here.get(name), f"{path}.{name}")
            if found[0] is not None:
                return found
        return None, None
    if json.dumps(there) == json.dumps(here):
        return None, None
    return f"{path.removeprefix('settings.')} = {there!r}", f"{here!r}"
