"""Your own animals or people beside the networks, animals and people of the package."""

from collections.abc import Mapping

import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import derived, folders, species, species_bandits, style
from analyses.species_panels import (
    BANDITS,
    PREDICTORS,
    PREDICTORS_OF_BANDITS,
    TWO_STEP,
    draw_history,
    draw_indices,
    draw_lags,
    draw_predictors,
    draw_rates,
    draw_reversals,
    draw_weight_of_planning,
)
from pfc_metarl.settings import BadInput

OWN, OWN_COLOR = "own", "#CC79A7"
WIDER = 1.35
"""Width of the figure, relative to that of a page: there is a group more than in the figure of the package."""


def species_figure(table: pd.DataFrame, label: str = "your subjects") -> Figure:
    """Return the species figure with your own subjects in its first place.

    Parameters
    ----------
    table : DataFrame
        Trial table, as of `pfc_metarl.data.read_trials`. With ``state2`` and ``common`` it is the two-step task;
        otherwise any choice among options, with ``good_option`` if they reverse.
    label : str
        What the subjects are called.

    Returns
    -------
    Figure
        Of matplotlib: panels as of `analyses.figS_species` or `figS_species_bandits`, from the tables that come
        with the package.

    Raises
    ------
    BadInput
        If there is no table, or it lacks what the measures need.

    Notes
    -----
    There is no bar of networks that are shown your subjects' history: this takes minutes, see
    `pfc_metarl.simulation.teacher_forcing.network_likelihood`.
    """
    if not isinstance(table, pd.DataFrame | xr.Dataset):
        raise BadInput(f"table: give a trial table, as read_trials returns, not {type(table).__name__}.")
    if "state2" in table:
        return _two_step(beside(species.measured(table), _others("figS_species", "species")), label)
    return _bandit(beside(species_bandits.measured(table), _others("figS_species_bandits", "bandits")), label)


def _others(figure: str, table: str) -> xr.Dataset:
    return derived.load(folders.TABLES / f"{figure}.nc")[0][table]


def beside(own: xr.Dataset, others: xr.Dataset) -> xr.Dataset:
    """Return measures of your own subjects as the first group of a table of groups."""
    groups = {OWN: own.drop_attrs(), **{who: others.sel(who=who, drop=True) for who in others["who"].values.tolist()}}
    return style.stacked(groups, "who")


def _two_step(found: xr.Dataset, label: str) -> Figure:
    groups = {OWN: label, **TWO_STEP}
    below = _below(groups)
    made, axes = _figure({"f": 1.1, "g": 0.9, "h": 1.4})
    draw_lags(found["coefficient"], groups, axes=[axes[panel] for panel in "abcde"])
    draw_indices(found, below, ax=axes["f"])
    draw_weight_of_planning(found["model_based_weight"], below, ax=axes["g"])
    draw_predictors(found["per_trial"], 0.5, below, PREDICTORS, ax=axes["h"])
    return made


def _bandit(found: xr.Dataset, label: str) -> Figure:
    groups = {OWN: (label, OWN_COLOR), **BANDITS}
    labels = {who: name for who, (name, _) in groups.items()}
    below = _below(labels)
    made, axes = _figure({"f": 1.0, "g": 1.0, "h": 1.4})
    draw_history(found["weight"], labels, axes=[axes[panel] for panel in "abcde"])
    draw_reversals(found["correct"], groups, ax=axes["f"])
    draw_rates(found["rate"], below, ax=axes["g"])
    draw_predictors(found["per_trial"], found["chance"], below, PREDICTORS_OF_BANDITS, ax=axes["h"])
    return made


def _figure(below: dict[str, float]) -> tuple[Figure, dict[str, Axes]]:
    made, axes = style.figure([dict.fromkeys("abcde", 1.0), below], height=115)
    made.set_size_inches(WIDER * made.get_figwidth(), made.get_figheight())
    return made, axes


def _below(groups: Mapping[str, str]) -> dict[str, str]:
    """Return labels that fit below bars."""
    return {who: label.replace(", ", "\n").replace(" ", "\n") for who, label in groups.items()}
