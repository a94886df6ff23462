"""A sweep from what a user asks for; every value is checked before anything is simulated."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pfc_metarl.arguments import argument, path_of, whole_number
from pfc_metarl.execution.order import require_possible
from pfc_metarl.execution.source import resolved
from pfc_metarl.experiments.base import Experiment
from pfc_metarl.experiments.registry import run_name
from pfc_metarl.settings import BadInput, choice_of, counted
from pfc_metarl.sweeps.cells import KEEP, Sweep, Terms, order_of, require_cells
from pfc_metarl.sweeps.design import Axis, combined, flattened, grid, zipped
from pfc_metarl.sweeps.draws import drawn

UNNAMED = "experiment"
"""Name in a sweep of an experiment that was made in Python."""


def terms_of(seed: int = 0, keep: str = "weights", shards: int = 1, checkpoint_every: float = 60.0) -> Terms:
    """Return how cells are made.

    Raises
    ------
    BadInput
        If a value cannot be used.
    """
    if keep not in KEEP:
        raise BadInput(f"{argument('keep', keep)}: choose {choice_of(KEEP, str(keep))}")
    return Terms(whole_number(seed, "seed"), whole_number(shards, "shards", 1), keep, checkpoint_every)


def axes_of(
    designs: Mapping[str, Mapping[str, Any]], draws: int | None, draw_seed: int, n_experiments: int = 1
) -> list[Axis]:
    """Return the axes of a design.

    Parameters
    ----------
    designs : mapping
        "grid", "zip", "random" or "latin" -> settings and their values, or the ranges that they are drawn from.
    draws : int, optional
        Draws of "random" or "latin".
    draw_seed : int
    n_experiments : int

    Raises
    ------
    BadInput
        If a name is no setting, or its values cannot be read.

    Examples
    --------
    >>> designs = {"grid": {"network.units": [16, 48]}, "latin": {"learner.discount": "0.3:0.9"}}
    >>> [(axis.dim, len(axis)) for axis in axes_of(designs, draws=5, draw_seed=0)]
    [('units', 2), ('draw', 5)]
    """
    ranges = {name: designs.get(name) or {} for name in ("random", "latin")}
    if ranges["random"] and ranges["latin"]:
        raise BadInput("random, latin: a sweep has draws of one kind; choose one of them.")
    is_drawn = bool(ranges["random"] or ranges["latin"])
    if is_drawn != (draws is not None):
        raise BadInput(
            f"{argument('draws', 20)}: give the number of draws."
            if is_drawn
            else f"{argument('draws', draws)}: nothing is drawn; give a range, as --latin learner.discount=0.3:0.9."
        )
    n = whole_number(draws, "draws", 1) if draws is not None else 0
    seed = whole_number(draw_seed, "draw_seed")
    chosen = ranges["latin"] or ranges["random"]
    axes = grid(designs.get("grid") or {}) + zipped(designs.get("zip") or {})
    return combined(axes + drawn(chosen, n, seed, latin=bool(ranges["latin"])), n_experiments)


def sweep_of(
    experiments: Any,
    changes: Mapping[str, Any],
    designs: Mapping[str, Mapping[str, Any]],
    out: str | Path | None,
    terms: Terms,
    draws: int | None = None,
    draw_seed: int = 0,
) -> Sweep:
    """Return a sweep.

    Parameters
    ----------
    experiments : Experiment, str, Path, or sequence or mapping of these
    changes : mapping
        Settings of all cells.
    designs, draws, draw_seed
        As for `axes_of`.
    out : str or Path, optional
        By default ``sweeps/<name of the first experiment>``.
    terms : Terms

    Raises
    ------
    BadInput
        If there is no such experiment, the design cannot be read, a setting is varied and set, or a value of a cell is
        refused.
    """
    sources = {name: resolved(each, changes) for name, each in _named(experiments).items()}
    axes = axes_of(designs, draws, draw_seed, len(sources))
    for name in (name for axis in axes for name in axis.values):
        if name in flattened(changes):
            raise BadInput(f"{name}: this setting is varied, and set in all cells; do one of the two.")
    folder = Path("sweeps") / next(iter(sources)) if out is None else path_of(out, "out")
    made = Sweep(sources, axes, folder, terms)
    _require_shards(made)
    for source in sources.values():
        require_possible(order_of(source, terms))
    require_cells(made)
    return made


def _require_shards(sweep: Sweep) -> None:
    """Refuse more shards than networks."""
    most = max(source.experiment.networks for source in sweep.sources.values())
    if sweep.terms.shards > most:
        raise BadInput(
            f"{argument('shards', sweep.terms.shards)}: a cell has {counted(most, 'network')}, "
            f"which can be divided into {counted(most, 'shard')} at most."
        )


def _named(experiments: Any) -> Mapping[str, Any]:
    if isinstance(experiments, Mapping):
        found = dict(experiments)
    else:
        several = experiments if isinstance(experiments, list | tuple) else [experiments]
        found = {UNNAMED if isinstance(each, Experiment) else run_name(str(each)): each for each in several}
        if len(found) < len(several):
            raise BadInput("experiments: two of them have the same name; give a mapping with a name for each.")
    if not found:
        raise BadInput("experiments: name at least one.")
    return found
