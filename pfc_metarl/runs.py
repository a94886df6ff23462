"""A run directory: what a simulation leaves behind.

run.json              settings, seed, versions, and whether the run is complete
weights.safetensors   weights of the cohort
history.nc            reward, losses and gradient norm of every update
<probe>.nc            one recording per probe, and <probe>_<animal>.nc for each reference animal
summary.json          the headline measures
"""

import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pfc_metarl
from pfc_metarl.files import replacing, write_json
from pfc_metarl.settings import BadInput

if TYPE_CHECKING:
    import xarray as xr

    from pfc_metarl.network import Weights

FORMAT = 1
MANIFEST, WEIGHTS, HISTORY, SUMMARY = "run.json", "weights.safetensors", "history.nc", "summary.json"
FILES = (MANIFEST, WEIGHTS, SUMMARY, "trials.csv")
"""What belongs to a run beside its *.nc; the last is what `pfc_metarl.export` writes."""


class Run:
    """A run directory.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    @classmethod
    def create(cls, folder: str | Path, content: Mapping[str, Any], force: bool = False) -> "Run":
        """Make a new run directory.

        Raises
        ------
        BadInput
            If the folder is not empty, or cannot be written. With `force` the files of an earlier run are deleted
            first, and no others; a folder without a run is refused all the same.
        """
        run = cls(folder)
        try:
            run.folder.mkdir(parents=True, exist_ok=True)
            run._clear(force)
            run._write_manifest({**content, "complete": False})
        except OSError as error:
            raise BadInput(f"--out {folder}: {error.strerror or error}; choose a folder that can be written.") from None
        return run

    def _clear(self, force: bool) -> None:
        inside = list(self.folder.iterdir())
        if not inside:
            return
        if not (self.folder / MANIFEST).is_file():
            raise BadInput(f"--out {self.folder}: the folder is not empty and holds no run; choose another.")
        if not force:
            raise BadInput(
                f"--out {self.folder}: there is a run already; choose another folder, or --force to replace it."
            )
        for path in inside:
            if path.name in FILES or path.suffix == ".nc":
                path.unlink()

    def _write_manifest(self, content: Mapping[str, Any]) -> None:
        packages = ("torch", "numpy", "scipy", "xarray", "statsmodels", "h5netcdf")
        versions = {"pfc_metarl": pfc_metarl.__version__, "python": platform.python_version()}
        versions |= {name: version(name) for name in packages}
        write_json(self.folder / MANIFEST, {"format": FORMAT, **content, "versions": versions})

    def manifest(self) -> dict[str, Any]:
        """Return settings, seed and versions.

        Raises
        ------
        BadInput
            If this is not a run directory.
        """
        return self._json(MANIFEST)

    def summary(self) -> list[dict[str, Any]]:
        """Return the headline measures, a row each."""
        rows: list[dict[str, Any]] = self._json(SUMMARY)["measures"]
        return rows

    def _json(self, name: str) -> Any:
        path = self.folder / name
        if not path.is_file():
            raise BadInput(f"{self.folder}: this is not a complete run directory, it has no {name}.")
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise BadInput(f"{path} cannot be read as JSON ({error}); run the experiment again.") from None

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Write the headline measures and mark the run as complete."""
        write_json(self.folder / SUMMARY, summary)
        write_json(self.folder / MANIFEST, {**self.manifest(), "complete": True})

    def save_dataset(self, name: str, dataset: "xr.Dataset") -> Path:
        """Write a recording, or the history, as <name>.nc."""
        from pfc_metarl.dataset import save

        return save(dataset, self.folder / f"{name}.nc")

    def recording(self, name: str) -> "xr.Dataset":
        """Open a recording by its name."""
        from pfc_metarl.dataset import open_recording

        return open_recording(self.folder / f"{name}.nc")

    def history(self) -> "xr.Dataset":
        """Open the history: dims update and network."""
        from pfc_metarl.dataset import load

        return load(self.folder / HISTORY)

    def save_weights(self, weights: "Weights", facts: Mapping[str, str]) -> None:
        """Write the weights of the cohort."""
        from safetensors.torch import save_file

        tensors = {name: tensor.contiguous() for name, tensor in weights._asdict().items()}
        one_entry = {"facts": json.dumps(dict(facts))}  # safetensors writes several in random order
        with replacing(self.folder / WEIGHTS) as temporary:
            save_file(tensors, temporary, one_entry)

    def weights(self) -> "Weights":
        """Read the weights of the cohort."""
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        from pfc_metarl.network import Weights

        try:
            return Weights(**load_file(self.folder / WEIGHTS))
        except (OSError, SafetensorError, TypeError) as error:
            raise BadInput(f"{self.folder / WEIGHTS} cannot be read ({error}); run the experiment again.") from None


def open_run(folder: str | Path) -> Run:
    """Open a run directory.

    Raises
    ------
    BadInput
        If it is none.
    """
    run = Run(folder)
    run.manifest()
    return run
