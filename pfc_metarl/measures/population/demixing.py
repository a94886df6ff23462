"""Demixing: how much of what activity does is owed to choice, to reward, to time, and to what they do together."""

import itertools

import numpy as np
import xarray as xr

from pfc_metarl.data.dataset import phase_names
from pfc_metarl.measures.population.conditions import Factors, Trials, condition_trials
from pfc_metarl.settings import BadInput

TIME = "time"
"""The factor that every trial goes through: its phases."""


def demixed_variance(
    recording: xr.Dataset, factors: Factors, phases: tuple[str, ...] | None = None, variable: str = "hidden"
) -> xr.Dataset:
    """Split the variance of activity over conditions and time into the parts of each factor and their interactions.

    Parameters
    ----------
    recording : Dataset
    factors : mapping of DataArray, dims (network, episode, trial)
        As for `pfc_metarl.measures.condition_means`; all combinations must occur, in two episodes at least.
    phases : tuple of str, optional
        Phases of the trial that are its time, by default all; with one there is no time.
    variable : str
        The activity: "hidden" or "cell".

    Returns
    -------
    Dataset, dims (subject, part)
        ``variance``, summed over units: of the means of conditions, each counted once, so that factors are balanced
        whatever the subject chose; noise is taken out, so it may come out just below 0. ``share`` of all parts
        together. ``unit_variance(subject, part, unit)``; ``noise(subject)``, what noise had added to the variance of
        the means; ``signal_share(subject)``, the share of that variance that is no noise; ``n_trials(subject)``. A
        part is named by its factors: "choice", "choice x time". Shares are NaN where nothing is left but noise
        (`variance` of all parts together not above ``noise``).

    Raises
    ------
    BadInput
        If a condition never occurs in half of the episodes of a network, or factors do not fit.

    Notes
    -----
    Marginalised as in Kobak et al. 2016, doi:10.7554/eLife.10989, eq. 5: the mean over all other factors, less what
    smaller sets of factors explain. The parts are orthogonal, and their squares add up. Noise is taken out by
    multiplying the part of one half of the episodes with that of the other, whose noise is its own: memory begins anew
    with each episode.
    """
    phases = tuple(phase_names(recording) if phases is None and isinstance(recording, xr.Dataset) else phases or ())
    if len(set(phases)) != len(phases) or not phases:
        raise BadInput(f"phases = {phases}: name each phase once.")
    sample = condition_trials(recording, {**factors}, phases, variable)
    shape = (*sample.shape, len(phases))
    names = [*sample.levels, TIME]
    parts = [
        part
        for size in range(1, len(names) + 1)
        for part in itertools.combinations(range(len(names)), size)
        if all(shape[axis] > 1 for axis in part)
    ]
    if not parts:
        raise BadInput("factors: give at least one, or several phases.")
    found = [
        _demixed(each, shape, parts, str(own))
        for each, own in zip(sample.networks, sample.coords["subject"], strict=True)
    ]
    clean, raw = (np.stack(values) for values in zip(*found, strict=True))
    variance, noise = clean.sum(axis=-1), (raw - clean).sum(axis=(1, 2))
    total = variance.sum(axis=1)
    heard = total > np.abs(noise)
    share = np.where(heard[:, None], variance / np.where(heard, total, 1)[:, None], np.nan)
    return xr.Dataset(
        {
            "variance": (("subject", "part"), variance),
            "share": (("subject", "part"), share),
            "unit_variance": (("subject", "part", "unit"), clean),
            "noise": ("subject", noise),
            "signal_share": (
                "subject",
                np.divide(total, raw.sum(axis=(1, 2)), where=raw.any(axis=(1, 2)), out=total * np.nan),
            ),
            "n_trials": ("subject", [len(each.episode) for each in sample.networks]),
        },
        coords={**sample.coords, "part": [" x ".join(names[axis] for axis in part) for part in parts]},
        attrs=sample.attrs,
    )


def _demixed(
    trials: Trials, shape: tuple[int, ...], parts: list[tuple[int, ...]], own: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the variance of each part in each unit, [part, unit]: without noise, and as it is."""
    first, second = (_means(trials, trials.episode % 2 == half, shape, own) for half in (0, 1))
    both = (first + second) / 2
    products = [(_part(first, part) * _part(second, part), _part(both, part) ** 2) for part in parts]
    axes = tuple(range(len(shape)))
    return tuple(np.stack([pair[kind].mean(axis=axes) for pair in products]) for kind in (0, 1))  # type: ignore[return-value]


def _means(trials: Trials, which: np.ndarray, shape: tuple[int, ...], own: str) -> np.ndarray:
    """Return the mean of each condition over some trials, [factor, ..., time, unit]."""
    condition, n = trials.condition[which], int(np.prod(shape[:-1]))
    count = np.bincount(condition, minlength=n)
    if not count.all():
        raise BadInput(
            f"Network {own} never meets a condition in one half of its episodes; give more, or fewer factors."
        )
    sums = np.zeros((n, *trials.activity.shape[1:]))
    np.add.at(sums, condition, trials.activity[which])
    return (sums / count[:, None, None]).reshape(*shape, -1)


def _part(means: np.ndarray, part: tuple[int, ...]) -> np.ndarray:
    """Return what a set of factors explains beyond its subsets; mean over all other factors."""
    for axis in range(means.ndim - 1):
        average = means.mean(axis=axis, keepdims=True)
        means = means - average if axis in part else average
    return means
