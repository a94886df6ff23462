"""Abstraction: whether a decoder of one split of the conditions generalises to conditions it was not trained on."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import sklearn
import xarray as xr
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.preprocessing import StandardScaler

from pfc_metarl.data.validity import refuse_all, validity
from pfc_metarl.measures.activity import generator
from pfc_metarl.measures.population.conditions import Factors, Sample, Trials, condition_trials
from pfc_metarl.settings import BadInput

MOST_CONDITIONS = 8
"""Eight conditions have 35 balanced dichotomies; sixteen have 6435."""

FEWEST_TRIALS = 10
"""Of each condition."""

N_FOLDS = 5

Dichotomy = tuple[int, ...]
"""The conditions on one side; the others are on the other."""


def dichotomies(
    recording: xr.Dataset,
    factors: Factors,
    phase: str | None = None,
    variable: str = "hidden",
    n_trials: int = 100,
    n_null: int = 50,
    seed: int = 0,
) -> xr.Dataset:
    """Decode every balanced split of the conditions, and test whether the decoder generalises to unseen conditions.

    Parameters
    ----------
    recording : Dataset
    factors : mapping of DataArray, dims (network, episode, trial)
        Such as choice and reward; 4, 6 or 8 conditions in all, each in ten trials at least.
    phase : str, optional
        By default the first of the recording's phases.
    variable : str
        The activity: "hidden" or "cell".
    n_trials : int
        Most trials of a condition that are used, drawn at random, the same number of each condition.
    n_null : int
        Draws of the null distribution of generalisation; 0 for none.
    seed : int
        Of both draws.

    Returns
    -------
    Dataset, dims (subject, dichotomy)
        ``decoding``: accuracy, cross-validated over episodes, 0.5 by chance. ``generalisation`` (CCGP): accuracy in a
        pair of conditions, one of each side, after training on all others, mean over the pairs that differ in one
        factor only; above its null where the geometry is abstract, and it can fall below ½. ``null(subject, draw)``
        for it: each cloud of trials is rotated independently (a permutation of the units), so that the clouds stay
        the same, but not their relative positions. ``shattering_dimensionality(subject)``: mean decoding of all
        dichotomies. ``n_trials(subject)`` of each condition. A factor's own dichotomy has its name, any other is named
        by one side. A network with a condition in too few trials, or in fewer than five episodes, has NaN,
        ``valid(subject)`` is false and ``reason(subject)`` says why.

    Raises
    ------
    BadInput
        If there are not 4, 6 or 8 conditions, or no network can be measured.

    Notes
    -----
    Bernardi et al. 2020, doi:10.1016/j.cell.2020.09.031, who take all pairs; with four conditions those that differ
    in both factors leave a diagonal to train on, which is not informative about the pair left out. The decoder is
    scikit-learn's linear classifier by ridge regression, on z-scored units with a penalty of 1.

    Examples
    --------
    One unit encodes the choice (−1 or 1), another the reward, with noise of variance 1: a decoder of the choice that
    was trained on trials with a reward is as good, Φ(1) = 0.84, in trials without.

    >>> from pfc_metarl.data.example import example_recording
    >>> from pfc_metarl.data.trial_table import trial_view
    >>> recording = example_recording(n_networks=1)
    >>> factors = {
    ...     "choice": trial_view(recording, "action", "choice"),
    ...     "reward": trial_view(recording, "reward", "outcome"),
    ... }
    >>> simple = recording.sel(unit=["choice", "reward", "noise"])
    >>> found = dichotomies(simple, factors, phase="outcome", n_null=0)
    >>> (abs(found["generalisation"].sel(dichotomy=["choice", "reward"]) - 0.84) < 0.07).values.tolist()
    [[True, True]]
    """
    if n_trials < FEWEST_TRIALS or n_null < 0:
        raise BadInput(f"n_trials = {n_trials}, n_null = {n_null}: at least {FEWEST_TRIALS}, and at least 0.")
    sample = condition_trials(recording, factors, phase, variable, at_least=FEWEST_TRIALS)
    n = int(np.prod(sample.shape)) if factors else 0
    if n not in range(4, MOST_CONDITIONS + 1, 2):
        raise BadInput(f"factors: {n} conditions; there must be 4, 6 or 8 to split and to generalise.")
    names = _dichotomies(sample.levels, sample.shape)
    reasons, rows = [], []
    for label, trials, why in zip(sample.coords["subject"], sample.networks, sample.reasons, strict=True):
        few = f"Network {label} has trials in fewer than {N_FOLDS} episodes, too few to cross-validate"
        reasons.append(why or (few if len(np.unique(trials.episode)) < N_FOLDS else ""))
        random = generator(seed, label)
        if reasons[-1]:
            rows.append(_nothing(len(names), n_null))
        else:
            rows.append(_scored(trials, sample, list(names.values()), n_trials, n_null, random))
    refuse_all(reasons)
    dims = {
        "decoding": ("subject", "dichotomy"),
        "generalisation": ("subject", "dichotomy"),
        "null": ("subject", "draw"),
    }
    data = {
        name: (dims.get(name, ("subject",)), np.stack([np.asarray(getattr(row, name)) for row in rows]))
        for name in _Row._fields
    }
    coords = {"subject": sample.coords["subject"], "dichotomy": list(names)}
    made = xr.Dataset(data | validity(reasons), coords, {**sample.attrs, "seed": seed})
    return made.assign(shattering_dimensionality=made["decoding"].mean("dichotomy"))


class _Row(NamedTuple):
    """What is found in one network."""

    decoding: Sequence[float]
    generalisation: Sequence[float]
    null: Sequence[float]
    n_trials: int


def _nothing(n_dichotomies: int, n_null: int) -> _Row:
    unknown = [np.nan] * n_dichotomies
    return _Row(unknown, unknown, [np.nan] * n_null, 0)


def _scored(
    trials: Trials,
    sample: Sample,
    sides: list[Dichotomy],
    most: int,
    n_null: int,
    random: np.random.Generator,
) -> _Row:
    shape = sample.shape
    n = int(np.prod(shape))
    used = _balanced(trials, n, most, random)
    with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):  # it is; half the time
        decoding = [_decoding(used, side) for side in sides]
        generalisation = [_generalisation(used, side, shape) for side in sides]
        null = [_generalisation(*_turned(used, sides, random), shape) for _ in range(n_null)]
    return _Row(decoding, generalisation, null, len(used.episode) // n)


def _dichotomies(levels: dict[str, np.ndarray], shape: tuple[int, ...]) -> dict[str, Dichotomy]:
    """Return every way to split the conditions in two halves, by name; one side has the last condition."""
    n = int(np.prod(shape))
    own = {}
    for axis, (name, values) in enumerate(levels.items()):
        if len(values) == 2:
            own[tuple(np.flatnonzero(np.indices(shape)[axis].ravel()).tolist())] = name
    labels = [",".join(f"{value:g}" for value in each) for each in itertools.product(*levels.values())]
    sides = [side for side in itertools.combinations(range(n), n // 2) if n - 1 in side]
    named = {own.get(side, " | ".join(labels[code] for code in side)): side for side in sides}
    return {name: named[name] for name in dict.fromkeys([*own.values(), *named])}


def _balanced(trials: Trials, n: int, most: int, rng: np.random.Generator) -> Trials:
    """Return as many trials of each condition, units z-scored."""
    count = min(int(np.bincount(trials.condition, minlength=n).min()), most)
    rows = [rng.permutation(np.flatnonzero(trials.condition == code))[:count] for code in range(n)]
    chosen = np.concatenate(rows)
    activity = StandardScaler().fit_transform(trials.activity[chosen])
    return Trials(activity, trials.condition[chosen], trials.episode[chosen])


def _decoding(trials: Trials, side: Dichotomy) -> float:
    label, folds = np.isin(trials.condition, side), GroupKFold(N_FOLDS)
    accuracy = cross_val_score(RidgeClassifier(), trials.activity, label, groups=trials.episode, cv=folds)
    return float(accuracy.mean())


def _generalisation(trials: Trials, side: Dichotomy, shape: tuple[int, ...]) -> float:
    label = np.isin(trials.condition, side)
    scores = []
    for pair in _pairs(side, shape):
        out = np.isin(trials.condition, pair)
        decoder = RidgeClassifier().fit(trials.activity[~out], label[~out])
        scores.append(decoder.score(trials.activity[out], label[out]))
    return float(np.mean(scores))


def _pairs(side: Dichotomy, shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return the pairs of conditions, one of each side, that differ in one factor only."""
    place = np.stack(np.unravel_index(np.arange(np.prod(shape)), shape), axis=-1)
    others = [code for code in range(len(place)) if code not in side]
    return [pair for pair in itertools.product(side, others) if (place[pair[0]] != place[pair[1]]).sum() == 1]


def _turned(trials: Trials, sides: list[Dichotomy], rng: np.random.Generator) -> tuple[Trials, Dichotomy]:
    """Return trials whose conditions have random relative positions, and any dichotomy of them."""
    activity = trials.activity.copy()
    for code in np.unique(trials.condition):
        here = trials.condition == code
        activity[here] = activity[here][:, rng.permutation(activity.shape[1])]
    return trials._replace(activity=activity), sides[rng.integers(len(sides))]
