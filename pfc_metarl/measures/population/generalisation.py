"""Abstraction: whether a decoder of one split of the conditions generalises to conditions it was not trained on."""

import itertools
from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
import sklearn
import xarray as xr
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.preprocessing import StandardScaler

from pfc_metarl.data.validity import refuse_all, validity
from pfc_metarl.measures.activity import generator
from pfc_metarl.measures.population.conditions import Factors, Trials, condition_trials
from pfc_metarl.measures.population.parallelism import parallelism_score
from pfc_metarl.settings import BadInput

MOST_CONDITIONS = 8
"""Eight conditions have 35 balanced dichotomies; sixteen have 6435."""

FEWEST_TRIALS = 10
"""Of each condition."""

N_FOLDS = 5

Dichotomy = tuple[int, ...]
"""The conditions on one side; the others are on the other."""

HeldOut = Literal["all", "neighbours"]


def dichotomies(
    recording: xr.Dataset,
    factors: Factors,
    phase: str | None = None,
    variable: str = "hidden",
    n_trials: int = 100,
    n_null: int = 50,
    seed: int = 0,
    held_out: HeldOut = "all",
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
        Draws of the null distributions; 0 for none.
    seed : int
        Of both draws.
    held_out : {"all", "neighbours"}
        Pairs of conditions, one of each side, on which generalisation is tested: all of them, or those that differ in
        one factor only. With four conditions take neighbours: if two that differ in both factors are left out, a
        decoder is trained on a diagonal, which is not informative about them.

    Returns
    -------
    Dataset, dims (subject, dichotomy)
        ``decoding``: accuracy, cross-validated over episodes, 0.5 by chance. ``generalisation`` (cross-condition
        generalisation performance, CCGP): accuracy in a pair of conditions, one of each side, after training on all
        others, mean over the pairs; above its null where the geometry is abstract, and it can fall below ½.
        ``parallelism``: the parallelism score (PS) of the means of the conditions, see `parallelism_score`; 1 if the
        split is coded along the same direction in all conditions. ``null(subject, draw)`` of generalisation and
        ``parallelism_null(subject, draw)``, each draw for a dichotomy at random: every cloud of trials is rotated
        independently (a permutation of the units), so that the clouds stay the same, but not their relative positions.
        ``shattering_dimensionality(subject)``: mean decoding of all dichotomies. ``n_trials(subject)`` of each
        condition. A factor's own dichotomy has its name, any other is named by one side. A network with a condition in
        too few trials, or in fewer than five episodes, has NaN, ``valid(subject)`` is false and ``reason(subject)``
        says why.

    Raises
    ------
    BadInput
        If there are not 4, 6 or 8 conditions, or no network can be measured.

    Notes
    -----
    Bernardi et al. 2020, doi:10.1016/j.cell.2020.09.031, with eight conditions, all pairs and support vector machines.
    The decoder here is scikit-learn's linear classifier by ridge regression, on z-scored units with a penalty of 1.

    If all pairs are held out, the mean generalisation over all dichotomies is 0.5, whatever the geometry: two
    dichotomies that differ in the sides of the pair have the same decoder, and what is right for one is wrong for the
    other. Compare dichotomies with one another and with the null, not their mean with 0.5.

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
    >>> found = dichotomies(simple, factors, phase="outcome", n_null=0, held_out="neighbours")
    >>> (abs(found["generalisation"].sel(dichotomy=["choice", "reward"]) - 0.84) < 0.07).values.tolist()
    [[True, True]]
    """
    if n_trials < FEWEST_TRIALS or n_null < 0:
        raise BadInput(f"n_trials = {n_trials}, n_null = {n_null}: at least {FEWEST_TRIALS}, and at least 0.")
    if held_out not in get_args(HeldOut):
        raise BadInput(f"held_out = {held_out!r}: must be 'all' or 'neighbours'.")
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
            used = _balanced(trials, n, n_trials, random)
            rows.append(_scored(used, list(names.values()), _pairs_of(sample.shape, held_out), n_null, random))
    refuse_all(reasons)
    dims = {
        "decoding": ("subject", "dichotomy"),
        "generalisation": ("subject", "dichotomy"),
        "parallelism": ("subject", "dichotomy"),
        "null": ("subject", "draw"),
        "parallelism_null": ("subject", "draw"),
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
    parallelism: Sequence[float]
    null: Sequence[float]
    parallelism_null: Sequence[float]
    n_trials: int


Pairs = frozenset[tuple[int, int]]
"""Conditions that may be left out together."""


def _nothing(n_dichotomies: int, n_null: int) -> _Row:
    unknown, no_draw = [np.nan] * n_dichotomies, [np.nan] * n_null
    return _Row(unknown, unknown, unknown, no_draw, no_draw, 0)


def _scored(used: Trials, sides: list[Dichotomy], pairs: Pairs, n_null: int, random: np.random.Generator) -> _Row:
    with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):  # it is; half the time
        decoding = [_decoding(used, side) for side in sides]
        generalisation = [_generalisation(used, side, pairs) for side in sides]
        turned = [_turned(used, sides, random) for _ in range(n_null)]
        null = [_generalisation(*each, pairs) for each in turned]
    parallelism, its_null = (
        [parallelism_score(_means(trials), side) for trials, side in each]
        for each in ([(used, side) for side in sides], turned)
    )
    n_trials = len(used.episode) // len(np.unique(used.condition))
    return _Row(decoding, generalisation, parallelism, null, its_null, n_trials)


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


def _generalisation(trials: Trials, side: Dichotomy, pairs: Pairs) -> float:
    label = np.isin(trials.condition, side)
    others = [code for code in np.unique(trials.condition) if code not in side]
    scores = []
    for pair in itertools.product(side, others):
        if pair in pairs:
            out = np.isin(trials.condition, pair)
            decoder = RidgeClassifier().fit(trials.activity[~out], label[~out])
            scores.append(decoder.score(trials.activity[out], label[out]))
    return float(np.mean(scores))


def _pairs_of(shape: tuple[int, ...], held_out: HeldOut) -> Pairs:
    """Return the pairs of conditions that may be left out together."""
    place = np.stack(np.unravel_index(np.arange(np.prod(shape)), shape), axis=-1)
    pairs = itertools.permutations(range(len(place)), 2)
    return frozenset(pair for pair in pairs if held_out == "all" or (place[pair[0]] != place[pair[1]]).sum() == 1)


def _means(trials: Trials) -> np.ndarray:
    """Return the mean activity in every condition, [condition, unit]."""
    return np.stack([trials.activity[trials.condition == code].mean(axis=0) for code in np.unique(trials.condition)])


def _turned(trials: Trials, sides: list[Dichotomy], rng: np.random.Generator) -> tuple[Trials, Dichotomy]:
    """Return trials whose conditions have random relative positions, and any dichotomy of them."""
    activity = trials.activity.copy()
    for code in np.unique(trials.condition):
        here = trials.condition == code
        activity[here] = activity[here][:, rng.permutation(activity.shape[1])]
    return trials._replace(activity=activity), sides[rng.integers(len(sides))]
