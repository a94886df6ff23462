"""Demixing: the variance of activity explained by choice, reward, time, and their interactions."""

import itertools
from typing import Any

import numpy as np
import xarray as xr

from pfc_metarl.data.dataset import phase_names
from pfc_metarl.data.validity import refuse_all, validity
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
        whatever the subject chose; noise is subtracted, so it may be slightly below 0. ``fraction`` of all parts
        together. ``unit_variance(subject, part, unit)``; ``noise(subject)``, the variance that noise added to that of
        the means; ``signal_fraction(subject)``, the fraction of that variance that is not noise; ``n_trials(subject)``.
        A part is named by its factors: "choice", "choice x time". Fractions are NaN where only noise is left
        (`variance` of all parts together not above ``noise``). A network that lacks a condition in half of its
        episodes has NaN, ``valid(subject)`` is false and ``reason(subject)`` says why.

    Raises
    ------
    BadInput
        If factors do not fit, or every network lacks a condition in half of its episodes.

    Notes
    -----
    Marginalised as in Kobak et al. 2016, doi:10.7554/eLife.10989, eq. 5: the mean over all other factors, less what
    smaller sets of factors explain. The parts are orthogonal, and their squares add up. Noise is subtracted by
    multiplying the part of one half of the episodes with that of the other, whose noise is independent: memory is reset
    at each episode.

    Examples
    --------
    Of six units one encodes the choice, one the reward, one the sum and one the product of both, each of variance 1:
    two fifths of the variance over conditions belong to the choice, two to the reward, one to their interaction.

    >>> from pfc_metarl.data.example import example_recording
    >>> from pfc_metarl.data.trial_table import trial_view
    >>> recording = example_recording(n_episodes=200)
    >>> factors = {
    ...     "choice": trial_view(recording, "action", "choice"),
    ...     "reward": trial_view(recording, "reward", "outcome"),
    ... }
    >>> found = demixed_variance(recording, factors, phases=("outcome",)).mean("subject")
    >>> dict(zip(found["part"].values.tolist(), found["fraction"].values.round(1).tolist()))
    {'choice': 0.4, 'reward': 0.4, 'choice x reward': 0.2}
    """
    phases = tuple(phase_names(recording) if phases is None and isinstance(recording, xr.Dataset) else phases or ())
    if len(set(phases)) != len(phases) or not phases:
        raise BadInput(f"phases = {phases}: name each phase once.")
    sample = condition_trials(recording, factors, phases, variable)
    shape, names = (*sample.shape, len(phases)), [*sample.levels, TIME]
    parts = _parts(shape)
    if not parts:
        raise BadInput("factors: give at least one, or several phases.")
    reasons = [
        why or _problem(each, own, shape)
        for each, own, why in zip(sample.networks, sample.coords["subject"], sample.reasons, strict=True)
    ]
    refuse_all(reasons)
    nothing = np.full((len(parts), len(sample.coords["unit"])), np.nan)
    found = [
        (nothing, nothing) if why else _demixed(each, shape, parts)
        for each, why in zip(sample.networks, reasons, strict=True)
    ]
    clean, raw = (np.stack(values) for values in zip(*found, strict=True))
    made = xr.Dataset(
        {"unit_variance": (("subject", "part", "unit"), clean), **validity(reasons)},
        {**sample.coords, "part": [" x ".join(names[axis] for axis in part) for part in parts]},
        sample.attrs,
    )
    n_trials = [len(each.episode) for each in sample.networks]
    return made.assign(_summed(clean, raw) | {"n_trials": (("subject",), np.array(n_trials))})


def _parts(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return all sets of factors that have several levels."""
    factors = [axis for axis, n in enumerate(shape) if n > 1]
    return [part for size in range(1, len(factors) + 1) for part in itertools.combinations(factors, size)]


def _summed(clean: np.ndarray, raw: np.ndarray) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    """Return what units add up to, from variance without noise and with it, [subject, part, unit]."""
    variance, noise, whole = clean.sum(axis=-1), (raw - clean).sum(axis=(1, 2)), raw.sum(axis=(1, 2))
    total = variance.sum(axis=1)
    above_noise = total > np.abs(noise)
    fraction = np.where(above_noise[:, None], variance / np.where(above_noise, total, 1)[:, None], np.nan)
    signal = np.divide(total, whole, where=raw.any(axis=(1, 2)), out=np.full(total.shape, np.nan))
    return {
        "variance": (("subject", "part"), variance),
        "fraction": (("subject", "part"), fraction),
        "noise": (("subject",), noise),
        "signal_fraction": (("subject",), signal),
    }


def _problem(trials: Trials, network: Any, shape: tuple[int, ...]) -> str:
    """Return why a network cannot be measured; nothing, if it can."""
    for half in (0, 1):
        met = np.unique(trials.condition[trials.episode % 2 == half])
        if len(met) < np.prod(shape[:-1]):
            return f"Network {network} lacks a condition in one half of its episodes; give more, or fewer factors"
    return ""


def _demixed(trials: Trials, shape: tuple[int, ...], parts: list[tuple[int, ...]]) -> tuple[np.ndarray, np.ndarray]:
    """Return the variance of each part in each unit, [part, unit]: without noise, and as it is."""
    first, second = (_means(trials, trials.episode % 2 == half, shape) for half in (0, 1))
    both = (first + second) / 2
    axes = tuple(range(len(shape)))
    clean = [(_part(first, part) * _part(second, part)).mean(axis=axes) for part in parts]
    return np.stack(clean), np.stack([(_part(both, part) ** 2).mean(axis=axes) for part in parts])


def _means(trials: Trials, which: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return the mean of each condition over some trials, [factor, ..., time, unit]."""
    condition, n = trials.condition[which], int(np.prod(shape[:-1]))
    sums = np.zeros((n, *trials.activity.shape[1:]))
    np.add.at(sums, condition, trials.activity[which])
    return (sums / np.bincount(condition, minlength=n)[:, None, None]).reshape(*shape, -1)


def _part(means: np.ndarray, part: tuple[int, ...]) -> np.ndarray:
    """Return what a set of factors explains beyond its subsets; mean over all other factors."""
    for axis in range(means.ndim - 1):
        average = means.mean(axis=axis, keepdims=True)
        means = means - average if axis in part else average
    return means
