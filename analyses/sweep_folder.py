"""The folder of a sweep as a source of a figure, beside run directories."""

import json
from pathlib import Path
from typing import Any

import xarray as xr

from analyses.sweep import DATASET
from pfc_metarl.data.dataset import load
from pfc_metarl.settings import BadInput

DESIGN = "sweep.json"


class SweepFolder:
    """The dataset of a sweep, and where it is from.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.design: dict[str, Any] = json.loads((folder / DESIGN).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise BadInput(f"{folder}: its {DESIGN} cannot be read; pfc_metarl.sweep makes the folder.") from None

    @property
    def dataset(self) -> xr.Dataset:
        """The headline measures of its cells, in memory.

        Raises
        ------
        BadInput
            If there is no dataset, or it is damaged.
        """
        with load(self.folder / DATASET) as opened:
            return opened.load()

    @property
    def name(self) -> str:
        """Name by which the origin of a figure lists it."""
        return f"sweep {self.folder.name}"

    def origin(self) -> dict[str, Any]:
        """Return what was varied, and the seed."""
        return {name: self.design[name] for name in ("axes", "seed")}


def is_sweep(folder: Path) -> bool:
    """Return whether a folder is that of a sweep."""
    return (folder / DESIGN).is_file()
