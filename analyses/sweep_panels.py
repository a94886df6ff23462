"""Figures of a sweep: heat maps and curves of one measure, with the cells that are missing marked.

One setting that is varied gives a curve, two give a heat map and curves, three a row of heat maps with the s.e.m. in
each cell. Draws give a scatter plot for each setting. Lines and bars are means and s.e.m. over networks.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import style
from pfc_metarl.settings import BadInput, choice_of

MISSING, COMPLETE, FAILED = 0, 1, 2
"""Values of ``status`` in the dataset of a sweep."""

MOST_PANELS = 8
DRAWS = ("draw", "point")


def selected(dataset: xr.Dataset, measure: str, at: Mapping[str, str]) -> xr.Dataset:
    """Return a measure and the status of the cells, at some values of settings.

    Parameters
    ----------
    dataset : Dataset
        Of a sweep.
    measure : str
        Name of a variable with dimension network.
    at : mapping of str
        Setting -> its value, as text.

    Raises
    ------
    BadInput
        If there is no such measure, setting or value, or more than three settings are left.
    """
    known = [str(name) for name, values in dataset.data_vars.items() if "network" in values.dims]
    if measure not in known:
        raise BadInput(f"--measure {measure}: there is no such measure; choose {choice_of(known, measure)}")
    found = dataset[[measure, "status"]]
    for name, text in at.items():
        if name not in found.dims or name == "network":
            there = [str(dim) for dim in found["status"].dims]
            raise BadInput(f"--at {name}={text}: this setting is not varied; choose {choice_of(there, name)}")
        values = found[name].values
        there = [number for number, value in enumerate(values) if str(value) == text or _equal(value, text)]
        if not there:
            raise BadInput(f"--at {name}={text}: there is no such value; there are {', '.join(map(str, values))}.")
        found = found.isel({name: there[0]}, drop=True)
    dims = [dim for dim in found["status"].dims if found.sizes[dim] > 1]
    if not dims:
        raise BadInput("--at: all settings have one value each; leave one of them free.")
    if len(dims) > 3 or (len(dims) > 1 and set(dims) & set(DRAWS)):
        raise BadInput(f"--at: {', '.join(map(str, dims))} are too many settings for a figure; give the value of some.")
    return found


def _equal(value: Any, text: str) -> bool:
    try:
        return bool(float(value) == float(text))
    except (TypeError, ValueError):
        return False


def draw(found: xr.Dataset, measure: str) -> Figure:
    """Draw a measure against the settings that have more than one value."""
    found = found.squeeze([dim for dim in found["status"].dims if found.sizes[dim] == 1])
    dims = [str(dim) for dim in found["status"].dims]
    if dims and dims[0] in DRAWS:
        return _draws(found, measure, dims[0])
    if len(dims) < 2:
        made, axes = style.figure([{"a": 1.0, " ": 1.0}], height=60)
        curves(found[measure], ax=axes["a"])
        axes[" "].axis("off")
    elif len(dims) == 2:
        made, axes = style.figure([{"a": 1.2, "b": 1.0}], height=70)
        heat_map(found[measure], found["status"], ax=axes["a"])
        curves(found[measure], ax=axes["b"])
    else:
        made = _panels(found, measure, dims)
    return made


def _panels(found: xr.Dataset, measure: str, dims: Sequence[str]) -> Figure:
    """Draw a heat map for each value of the setting with the fewest values."""
    across = min(dims, key=lambda dim: found.sizes[dim])
    n = found.sizes[across]
    if n > MOST_PANELS:
        raise BadInput(
            f"--at {across}=VALUE: this setting has {n} values, at most {MOST_PANELS} are drawn side by side."
        )
    letters = [chr(ord("a") + number) for number in range(n)]
    made, axes = style.figure([dict.fromkeys(letters, 1.0)], height=70)
    mean = style.mean_sem(found[measure].rename(network="subject"))[0]
    limits = float(mean.min()), float(mean.max())
    for number, letter in enumerate(letters):
        part = found.isel({across: number})
        heat_map(part[measure], part["status"], limits, errors=True, ax=axes[letter])
        axes[letter].set_title(f"{across} {_text(found[across].values[number])}")
    return made


def _draws(found: xr.Dataset, measure: str, dim: str) -> Figure:
    """Draw a measure against each setting that was drawn."""
    names = [str(name) for name, values in found.coords.items() if values.dims == (dim,) and name != dim]
    made, axes = style.figure([{chr(ord("a") + number): 1.0 for number in range(len(names))}], height=60)
    mean, sem, _ = style.mean_sem(found[measure].rename(network="subject"))
    for name, ax in zip(names, axes.values(), strict=True):
        ax.errorbar(found[name].values, mean, sem, fmt="o", color=style.NETWORK, markersize=3, elinewidth=0.6)
        ax.set(xlabel=name, ylabel=_label(found[measure]))
    return made


def heat_map(
    values: xr.DataArray,
    status: xr.DataArray,
    limits: tuple[float, float] | None = None,
    *,
    errors: bool = False,
    ax: Axes,
) -> Axes:
    """Draw the mean over networks of every cell; a cross marks a missing cell, an exclamation mark one that failed.

    Parameters
    ----------
    values : DataArray, dims (row, column, network)
    status : DataArray, dims (row, column)
    limits : pair of float, optional
        Values of the darkest and the brightest colour; by default the lowest and the highest mean.
    errors : bool
        Whether the s.e.m. stands below the mean.
    ax : Axes
    """
    rows, columns = (str(dim) for dim in status.dims)
    found = style.mean_sem(values.rename(network="subject"))[:2]
    mean, sem = (each.transpose(rows, columns).values for each in found)
    low, high = limits or (None, None)
    image = ax.imshow(mean, origin="lower", aspect="auto", cmap="viridis", vmin=low, vmax=high)
    middle = (image.norm.vmin + image.norm.vmax) / 2 if np.isfinite(mean).any() else 0.0
    decimals = _decimals(mean)
    for (row, column), value in np.ndenumerate(mean):
        state = int(status.values[row, column])
        error = sem[row, column] if errors else math.nan
        text = {MISSING: "×", FAILED: "!"}.get(state, _in_a_cell(value, decimals, error))
        dark = np.isfinite(value) and value < middle
        ax.text(column, row, text, ha="center", va="center", fontsize=6, color="white" if dark else "black")
    ax.set(xlabel=columns, ylabel=rows)
    ax.set_xticks(range(mean.shape[1]), [_text(value) for value in values[columns].values])
    ax.set_yticks(range(mean.shape[0]), [_text(value) for value in values[rows].values])
    ax.spines[:].set_visible(False)
    bar = ax.figure.colorbar(image, ax=ax, label=_label(values))
    bar.outline.set_visible(False)  # type: ignore[operator]
    return ax


def _decimals(means: np.ndarray) -> int:
    """Return the decimals with which the largest mean of a map has three digits; none if all are whole numbers.

    Examples
    --------
    >>> [_decimals(np.array(means)) for means in ([0.03, 32.8], [0.4986, 0.885], [4.0, 11.0], [np.nan])]
    [1, 3, 0, 0]
    """
    known = np.abs(means[np.isfinite(means)])
    if (known == known.round()).all():
        return 0
    return max(0, 2 - math.floor(math.log10(known.max())))


def _in_a_cell(value: float, decimals: int, error: float = math.nan) -> str:
    """Return a mean as text, with its error if that is known.

    Examples
    --------
    >>> _in_a_cell(13.12, 1), _in_a_cell(-0.03, 1), _in_a_cell(-0.7, 1), _in_a_cell(float("nan"), 1)
    ('13.1', '0.0', '−0.7', 'n/a')
    >>> _in_a_cell(13.12, 1, 0.52).splitlines()
    ['13.1', '± 0.5']
    """
    if not np.isfinite(value):
        return "n/a"
    text = f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", "−")
    return f"{text}\n± {error:.{decimals}f}" if np.isfinite(error) else text


def curves(values: xr.DataArray, *, ax: Axes) -> Axes:
    """Draw mean and s.e.m. over networks against the last setting, a line for each value of the first.

    Parameters
    ----------
    values : DataArray, dims (setting, network) or (line, setting, network)
    ax : Axes
    """
    *lines, along = (str(dim) for dim in values.dims if dim != "network")
    mean, sem, _ = style.mean_sem(values.rename(network="subject"))
    numbers = np.issubdtype(values[along].dtype, np.number)
    x = values[along].values if numbers else np.arange(values.sizes[along])
    if not lines:
        for network in values["network"].values:
            ax.plot(x, values.sel(network=network), ".", color=style.FAINT, markersize=2)
        ax.errorbar(x, mean, sem, color=style.NETWORK, marker="o", markersize=3)
    else:
        values = values.dropna(lines[0], how="all")
        colors = style.plt.get_cmap("viridis")(np.linspace(0, 0.9, values.sizes[lines[0]]))
        for value, color in zip(values[lines[0]].values, colors, strict=True):
            chosen = {lines[0]: value}
            text = f"{lines[0]} {_text(value)}"
            ax.errorbar(x, mean.sel(chosen), sem.sel(chosen), color=color, marker="o", markersize=2, label=text)
        if values.sizes[lines[0]]:
            ax.legend()
    if not numbers:
        ax.set_xticks(x, [_text(value) for value in values[along].values])
    ax.set(xlabel=along, ylabel=_label(values))
    return ax


def _label(values: xr.DataArray) -> str:
    return str(values.attrs.get("label", values.name))


def _text(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, int | float | np.number) else str(value)
