"""Cross decoding: whether a read-out made at one time, or in one task, holds at another."""

from collections.abc import Sequence

import numpy as np
import sklearn
import xarray as xr

from pfc_metarl.data.dataset import phase_names
from pfc_metarl.measures.population.readout import (
    QUICK,
    SCORES,
    TRIAL_DIMS,
    Kind,
    Reader,
    activity_of,
    check,
    check_folds,
    compared,
    labels_of,
    networks_of,
    predicted,
    problem,
    read_out,
    refuse_all,
    scored,
    told,
)
from pfc_metarl.settings import BadInput


def cross_temporal_decoding(
    recording: xr.Dataset,
    target: xr.DataArray,
    kind: Kind,
    phases: Sequence[str] | None = None,
    variable: str = "hidden",
    n_folds: int = 5,
    n_shuffles: int = 20,
    penalty: float = 1.0,
    seed: int = 0,
) -> xr.Dataset:
    """Decode a target at each phase of the trial with read-outs made at each other phase, in other episodes.

    Parameters
    ----------
    recording, target, kind, variable, n_folds, n_shuffles, penalty, seed
        As for `population_decoding`; the target is the same for all phases of a trial.
    phases : sequence of str, optional
        By default all of the recording's, in order.

    Returns
    -------
    Dataset, dims (subject, train_phase, test_phase, metric)
        ``score``, ``chance``, ``p_value`` and ``shuffled(..., shuffle)`` as of `population_decoding`, to which the
        diagonal is equal; ``n_trials(subject, train_phase, test_phase)``. Where a read-out cannot be made or tested,
        its numbers are NaN, ``valid(subject, train_phase, test_phase)`` is false and ``reason`` says why.

    Raises
    ------
    BadInput
        If target and recording do not fit, or nothing can be decoded in any network.

    Notes
    -----
    King & Dehaene 2014, doi:10.1016/j.tics.2014.01.002: a read-out that holds at all times tells of one lasting code;
    one that holds only near the diagonal, of a code that changes with time.
    """
    check(recording, target, kind, variable, n_shuffles, penalty)
    check_folds(recording, n_folds)
    phases = phase_names(recording) if phases is None else list(phases)
    truth = target.transpose(*TRIAL_DIMS).values.astype(float)
    labels = labels_of(truth, kind)
    shape = (len(truth), len(phases), len(phases))
    score, shuffled = np.full((*shape, 2), np.nan), np.full((*shape, 2, n_shuffles), np.nan)
    n_trials, reason = np.zeros(shape, int), np.full(shape, "", dtype=object)
    for network, own in enumerate(truth):
        activities = [activity_of(recording, network, variable, phase, truth) for phase in phases]
        for train, trained_on in enumerate(activities):
            at = (network, train)
            reason[at] = problem(trained_on, own, labels, n_folds)
            if not reason[at][0]:
                random = np.random.default_rng([seed, network])
                order = [train, *(test for test in range(len(phases)) if test != train)]
                seed_of_folds = int(random.integers(2**31))
                reader = Reader([activities[test] for test in order], labels, n_folds, penalty, seed_of_folds)
                readings, scores = reader.with_shuffles(own, random, n_shuffles)
                score[at][order], shuffled[at][order] = [reading.score for reading in readings], scores
                n_trials[at][order] = [reading.n_trials for reading in readings]
                reason[at][np.isnan(score[at][:, 0])] = "target: a label does not occur in the trials of this phase"
    refuse_all([str(why) for why in reason.ravel()])
    return _matrix(score, shuffled, reason.astype(str), n_trials, recording, kind, phases)


def _matrix(
    score: np.ndarray,
    shuffled: np.ndarray,
    reason: np.ndarray,
    n_trials: np.ndarray,
    recording: xr.Dataset,
    kind: str,
    phases: list[str],
) -> xr.Dataset:
    dims = ("subject", "train_phase", "test_phase")
    chance, p_value = compared(score, shuffled)
    coords = {"subject": networks_of(recording), "metric": list(SCORES[kind])}
    return xr.Dataset(
        {
            "score": ((*dims, "metric"), score),
            "chance": ((*dims, "metric"), chance),
            "p_value": ((*dims, "metric"), p_value),
            "shuffled": ((*dims, "metric", "shuffle"), shuffled),
            "n_trials": (dims, n_trials),
            "valid": (dims, reason == ""),
            "reason": (dims, reason),
        },
        {**coords, "train_phase": phases, "test_phase": phases},
        {"kind": kind},
    )


def transfer_decoding(
    recording: xr.Dataset,
    target: xr.DataArray,
    other: xr.Dataset,
    other_target: xr.DataArray,
    kind: Kind,
    phase: str | None = None,
    other_phase: str | None = None,
    variable: str = "hidden",
    n_shuffles: int = 100,
    penalty: float = 1.0,
    seed: int = 0,
) -> xr.Dataset:
    """Decode a target in one recording with a read-out made in another one of the same networks.

    Parameters
    ----------
    recording, other : Dataset
        The read-out is made in the first and tested in the second: another task, another condition, a lesion.
    target, other_target : DataArray, dims (network, episode, trial)
        What to decode in each.
    kind, phase, other_phase, variable, n_shuffles, penalty, seed
        As for `population_decoding`; it is the other recording's targets that are shuffled. Where they are the same in
        all its episodes, that changes nothing, and `n_shuffles` must be 0.

    Returns
    -------
    Dataset, dims (subject, metric)
        ``score``, ``chance``, ``p_value``, ``shuffled(subject, metric, shuffle)`` and ``n_trials(subject)`` of the
        other recording, as of `population_decoding`. A network in which a label does not occur in both recordings has
        NaN, ``valid(subject)`` is false and ``reason(subject)`` says why.

    Raises
    ------
    BadInput
        If recordings and targets do not fit, are not of the same networks, or nothing can be decoded in any network.
    """
    check(recording, target, kind, variable, n_shuffles, penalty)
    check(other, other_target, kind, variable, n_shuffles, penalty)
    _check_pair(recording, other, variable)
    phase, other_phase = (
        phase_names(made)[0] if at is None else at for made, at in ((recording, phase), (other, other_phase))
    )
    truth, other_truth = (array.transpose(*TRIAL_DIMS).values.astype(float) for array in (target, other_target))
    labels = labels_of(np.append(truth, other_truth), kind)
    n_networks = len(truth)
    score, shuffled = np.full((n_networks, 2), np.nan), np.full((n_networks, 2, n_shuffles), np.nan)
    n_trials, reasons = np.zeros(n_networks, int), []
    for network in range(n_networks):
        pair = [
            (activity_of(made, network, variable, at, told_of), told_of[network])
            for made, at, told_of in ((recording, phase, truth), (other, other_phase, other_truth))
        ]
        reasons.append(_transfer_problem(pair, labels, n_shuffles))
        if not reasons[-1]:
            random = np.random.default_rng([seed, network])
            score[network], shuffled[network] = _transferred(pair, labels, penalty, random, n_shuffles)
            n_trials[network] = int(_known(*pair[1]).sum())
    refuse_all(reasons)
    chance, p_value = compared(score, shuffled)
    data = {
        "score": (("subject", "metric"), score),
        "chance": (("subject", "metric"), chance),
        "p_value": (("subject", "metric"), p_value),
        "shuffled": (("subject", "metric", "shuffle"), shuffled),
        "n_trials": ("subject", n_trials),
        **told(reasons),
    }
    coords = {"subject": networks_of(recording), "metric": list(SCORES[kind])}
    return xr.Dataset(data, coords, {"phase": phase, "other_phase": other_phase, "kind": kind})


def _check_pair(recording: xr.Dataset, other: xr.Dataset, variable: str) -> None:
    if other is recording:
        raise BadInput("other: is the recording itself, whose trials the read-out has seen; give other episodes.")
    if not np.array_equal(networks_of(recording), networks_of(other)):
        raise BadInput("other: is a recording of other networks; give recordings of the same run.")
    widths = [made[variable].shape[-1] for made in (recording, other)]
    if widths[0] != widths[1]:
        raise BadInput(f"variable = {variable!r}: has {widths[0]} units in one recording and {widths[1]} in the other.")


Pair = list[tuple[np.ndarray, np.ndarray]]
"""Activity [episode, trial, unit] and target [episode, trial] of a network, in the two recordings."""


def _known(activity: np.ndarray, truth: np.ndarray) -> np.ndarray:
    return np.asarray(np.isfinite(truth) & np.isfinite(activity).all(-1))


def _transfer_problem(pair: Pair, labels: np.ndarray, n_shuffles: int) -> str:
    for name, (activity, truth) in zip(("target", "other_target"), pair, strict=True):
        seen = truth[_known(activity, truth)]
        for label in labels:
            if label not in seen:
                return f"{name}: {label:g} never occurs"
        if len(np.unique(seen)) < 2:
            return f"{name}: all its known values are the same in a network, so there is nothing to decode"
    first = truth[0]
    if all(np.array_equal(row, first, equal_nan=True) for row in truth):
        if n_shuffles:
            return "other_target is the same in all episodes, trial by trial; shuffles change nothing: n_shuffles = 0"
        if all(np.array_equal(row, first, equal_nan=True) for row in pair[0][1]):
            return "target and other_target are the same in all episodes, trial by trial, so that a clock decodes them"
    return ""


def _transferred(
    pair: Pair, labels: np.ndarray, penalty: float, random: np.random.Generator, n_shuffles: int
) -> tuple[tuple[float, float], np.ndarray]:
    """Return the scores, and those of shuffles, [metric, shuffle]."""
    (activity, truth), (other, other_truth) = pair
    seen, alive = _known(activity, truth), np.isfinite(other).all(-1)
    with sklearn.config_context(**QUICK):
        model = read_out(labels, penalty).fit(activity[seen], truth[seen])
        said, given = predicted(model, other[alive], labels)

        def score(true: np.ndarray) -> tuple[float, float]:
            known = np.isfinite(true)
            return scored(true[known], said[known], given[known], labels)

        permuted = [score(other_truth[random.permutation(len(other_truth))][alive]) for _ in range(n_shuffles)]
        return score(other_truth[alive]), np.reshape(permuted, (n_shuffles, 2)).T
