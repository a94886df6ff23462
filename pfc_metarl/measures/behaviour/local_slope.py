"""Matching piece by piece: the slope of choice on reward ratios within intervals of the reward ratio."""

import itertools
from collections.abc import Sequence

import numpy as np
import xarray as xr

from pfc_metarl.measures.behaviour.session_line import lines
from pfc_metarl.settings import BadInput

EDGES = (-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5)
"""Edges of the intervals, in log2 units of the reward ratio."""

MIN_SESSIONS = 10
"""Sessions below which no slope is given of an interval."""


def local_slope(found: xr.Dataset, edges: Sequence[float] = EDGES) -> xr.Dataset:
    """Return the matching slope of each subject within intervals of the reward ratio.

    One line through all sessions hides how it comes about: a subject that alternates where options pay nearly the same,
    and stays where one pays more, has a slope near 1 over all sessions and near 0 in the middle.

    Parameters
    ----------
    found : Dataset
        Of `pfc_metarl.measures.matching`, of two options.
    edges : sequence of float
        Edges of the intervals, in the units of ``reward_ratio``, log2.

    Returns
    -------
    Dataset, dims (subject, interval)
        ``slope`` of choice on reward ratio by least squares, NaN with fewer than ten sessions; ``n_sessions``. The
        coordinate ``interval`` is the middle of each. Without interval ``n_without_ratio``: sessions in which an option
        was never chosen or never paid, so that there is no ratio.

    Raises
    ------
    BadInput
        If there are more than two options, or the edges do not rise.

    Notes
    -----
    The reward ratio of a session is noisy, which draws the slope within a narrow interval towards 0 even if choices
    match. Compare it with the slope of reference agents in the same worlds, measured in the same way.

    Examples
    --------
    Choices that match within each interval, but are indifferent in the middle:

    >>> x = np.linspace(-1.4, 1.4, 57)
    >>> y = np.where(abs(x) < 0.51, 0, x)
    >>> dims = ("subject", "session")
    >>> made = xr.Dataset({"reward_ratio": (dims, x[None]), "choice_ratio": (dims, y[None])})
    >>> local_slope(made, [-1.5, -0.52, 0.52, 1.5])["slope"].round(1).values.tolist()
    [[1.0, 0.0, 1.0]]
    """
    if "option" in found["choice_ratio"].dims:
        raise BadInput("found: a local slope is that of two options; these ratios are of more.")
    bounds = np.asarray(edges, dtype=float)
    if bounds.ndim != 1 or len(bounds) < 2 or not (np.diff(bounds) > 0).all():
        raise BadInput(f"edges = {list(edges)}: give two numbers or more, each above the one before.")
    reward, choice = (found[name].transpose("subject", "session").values for name in ("reward_ratio", "choice_ratio"))
    parts = [_within(reward, choice, *pair) for pair in itertools.pairwise(bounds)]
    slopes, numbers = (np.stack(column, axis=1) for column in zip(*parts, strict=True))
    return xr.Dataset(
        {
            "slope": (("subject", "interval"), slopes),
            "n_sessions": (("subject", "interval"), numbers),
            "n_without_ratio": ("subject", np.isnan(reward).sum(axis=1)),
        },
        {"subject": found["subject"].values if "subject" in found.coords else np.arange(len(reward))}
        | {"interval": (bounds[:-1] + bounds[1:]) / 2},
    )


def _within(reward: np.ndarray, choice: np.ndarray, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Return slope and number of the sessions with a reward ratio from `low` to below `high`, each [subject]."""
    inside = (reward >= low) & (reward < high)
    x, y = (np.where(inside, values, np.nan)[..., None].repeat(2, axis=-1) for values in (reward, choice))
    slope = lines(x, y)["slope"][1]
    return np.where(inside.sum(axis=1) < MIN_SESSIONS, np.nan, slope), inside.sum(axis=1)
