"""Style of the figures: size, colours, and how uncertainty is drawn."""

import json
from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure

from analyses.side_by_side import side_by_side
from pfc_metarl.measures import across_subjects
from pfc_metarl.settings import BadInput

MM = 1 / 25.4
DOUBLE_COLUMN = 183 * MM

NETWORK, MODEL_BASED, MODEL_FREE, OPTIMUM = "#222222", "#0072B2", "#D55E00", "#009E73"
REWARDED, UNREWARDED = "#0072B2", "#D55E00"
FAINT = "#999999"

DOTS_PER_INCH = 300
"""Of the PNG."""

mpl.use("Agg")
mpl.rcParams.update(
    {
        "font.size": 7,
        "font.family": "DejaVu Sans",
        "axes.titlesize": 7,
        "axes.labelsize": 7,
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "xtick.labelsize": 6,
        "ytick.labelsize": 6,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "legend.fontsize": 6,
        "legend.frameon": False,
        "lines.linewidth": 1.0,
        "figure.dpi": 150,
        "pdf.fonttype": 42,
    }
)


def figure(
    rows: list[dict[str, float]], height: float, heights: list[float] | None = None
) -> tuple[Figure, dict[str, Axes]]:
    """Return a double-column figure with lettered panels.

    Parameters
    ----------
    rows : list of dict
        For each row the letters of its panels and their relative widths.
    height : float
        In mm.
    heights : list of float, optional
        Relative heights of the rows; by default all are the same.
    """
    made = plt.figure(figsize=(DOUBLE_COLUMN, height * MM), layout="constrained")
    axes: dict[str, Axes] = {}
    parts = made.subfigures(len(rows), 1, height_ratios=heights, squeeze=False)[:, 0]
    for part, row in zip(parts, rows, strict=True):
        (panels,) = part.subplots(1, len(row), width_ratios=list(row.values()), squeeze=False)
        for name, ax in zip(row, panels, strict=True):
            ax.set_title(name, loc="left", fontsize=9, fontweight="bold")
            axes[name] = ax
    return made, axes


def mean_sem(values: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray, int]:
    """Return mean and s.e.m. over subjects, and their number."""
    summary = across_subjects(values.rename("value"))["value"]
    mean, sem, n = (summary.sel(statistic=name, drop=True) for name in ("mean", "sem", "n"))
    return mean, sem, int(n.max())


def stacked(results: Mapping[str, xr.Dataset], dim: str) -> xr.Dataset:
    """Stack results of several kinds of subjects along a new, named dimension; subjects are numbered from 0."""
    numbered = [result.assign_coords(subject=np.arange(result.sizes["subject"])) for result in results.values()]
    return xr.concat(numbered, xr.IndexVariable(dim, list(results)), join="outer", combine_attrs="drop")


def save(made: Figure, folder: Path, name: str, origin: Mapping, legend: str = "") -> list[Path]:
    """Write PNG and PDF, with the origin of what they show inside; the same figure gives the same bytes.

    A legend is stored in the PNG, where reports of runs find it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / f"{name}.png", folder / f"{name}.pdf"]
        made.draw_without_rendering()
        made.set_layout_engine("none")  # panels stay where they are, so the layout is made once for both files
        made.set_dpi(DOTS_PER_INCH)
        # canvases draw a figure once; Figure.savefig draws it twice
        inside = {"Description": json.dumps(origin)} | ({"Comment": legend} if legend else {})
        of_pdf = {"CreationDate": None, "Subject": json.dumps(origin)}
        side_by_side(  # in this order: a PDF changes the resolution of the figure
            {
                "png": lambda: FigureCanvasAgg(made).print_png(paths[0], metadata=inside),
                "pdf": lambda: FigureCanvasPdf(made).print_pdf(paths[1], metadata=of_pdf),
            }
        )
    except OSError as error:
        raise BadInput(f"--out {folder}: {error.strerror}; choose a folder that can be written.") from None
    finally:
        plt.close(made)
    return paths


def jittered(n: int, width: float) -> np.ndarray:
    """Return `n` evenly spread offsets around 0, so that single subjects do not overlap."""
    return np.linspace(-width / 2, width / 2, n) if n > 1 else np.zeros(1)
