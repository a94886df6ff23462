"""Cross-temporal decoding: whether a read-out fitted at one time of the trial holds at another."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from pfc_metarl.data.dataset import phase_names
from pfc_metarl.data.validity import refuse_all
from pfc_metarl.measures.activity import generator, labels, trial_activity
from pfc_metarl.measures.population.readout import (
    SCORES,
    Kind,
    Reader,
    check_folds,
    checked_target,
    classes_of,
    compared,
    problem,
)


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
    """Decode a target at each phase of the trial with read-outs fitted at each other phase, in other episodes.

    Parameters
    ----------
    recording, target, kind, variable, n_folds, n_shuffles, penalty, seed
        As for `pfc_metarl.measures.population_decoding`; the target is the same for all phases of a trial.
    phases : sequence of str, optional
        By default all of the recording's, in order.

    Returns
    -------
    Dataset, dims (subject, train_phase, test_phase, metric)
        ``score``, ``chance``, ``p_value`` and ``shuffled(..., shuffle)`` as of `population_decoding`, to which the
        diagonal is equal; ``n_trials(subject, train_phase, test_phase)``. Where a read-out cannot be fitted or tested,
        its numbers are NaN, ``valid(subject, train_phase, test_phase)`` is false and ``reason`` says why.

    Raises
    ------
    BadInput
        If target and recording do not fit, or nothing can be decoded in any network.

    Notes
    -----
    King & Dehaene 2014, doi:10.1016/j.tics.2014.01.002: a read-out that holds at all times is evidence for one lasting
    code; one that holds only near the diagonal, for a code that changes with time.

    Examples
    --------
    One unit encodes the choice at both phases, as does the sum of choice and reward at the second one, each beside
    noise of variance 1. A read-out of the first unit holds at all times: 0.84 = Φ(1) of the trials are correct.

    >>> from pfc_metarl.data.example import example_recording
    >>> from pfc_metarl.data.trial_table import trial_view
    >>> recording = example_recording()
    >>> choice = trial_view(recording, "action", "choice")
    >>> found = cross_temporal_decoding(recording, choice, "classes", n_shuffles=0)
    >>> accuracy = found["score"].sel(metric="accuracy", train_phase="choice").mean("subject")
    >>> (abs(accuracy - 0.84) < 0.03).values.tolist()
    [True, True]
    """
    truth = checked_target(recording, target, kind, variable, n_shuffles, penalty)
    check_folds(recording, n_folds)
    phases = phase_names(recording) if phases is None else list(phases)
    classes = classes_of(truth, kind)
    rows = []
    for network, label in enumerate(labels(recording, "network")):
        activities = [trial_activity(recording, network, variable, phase) for phase in phases]
        options = classes, n_folds, penalty, n_shuffles
        rows += [
            _read(activities, train, truth[network], generator(seed, label), *options) for train in range(len(phases))
        ]
    refuse_all([why for row in rows for why in row.reason])
    return _matrix(rows, recording, kind, phases)


class _Row(NamedTuple):
    """What a read-out fitted at one phase of a network reads at all phases."""

    score: np.ndarray
    """[test phase, metric]"""
    shuffled: np.ndarray
    """[test phase, metric, shuffle]"""
    n_trials: np.ndarray
    reason: list[str]


def _read(
    activities: list[np.ndarray],
    train: int,
    truth: np.ndarray,
    random: np.random.Generator,
    classes: np.ndarray,
    n_folds: int,
    penalty: float,
    n_shuffles: int,
) -> _Row:
    n = len(activities)
    score, shuffled = np.full((n, 2), np.nan), np.full((n, 2, n_shuffles), np.nan)
    n_trials = np.zeros(n, int)
    why = problem(activities[train], truth, classes, n_folds)
    if why:
        return _Row(score, shuffled, n_trials, [why] * n)
    order = [train, *(test for test in range(n) if test != train)]
    reader = Reader([activities[test] for test in order], classes, n_folds, penalty, int(random.integers(2**31)))
    readings, shuffled[order] = reader.with_shuffles(truth, random, n_shuffles)
    score[order] = [reading.score for reading in readings]
    n_trials[order] = [reading.n_trials for reading in readings]
    missing = "target: a label does not occur in the trials of this phase"
    return _Row(score, shuffled, n_trials, [missing if np.isnan(value) else "" for value in score[:, 0]])


def _matrix(rows: list[_Row], recording: xr.Dataset, kind: str, phases: list[str]) -> xr.Dataset:
    dims, subjects = ("subject", "train_phase", "test_phase"), labels(recording, "network")
    shape = (len(subjects), len(phases), len(phases))
    score, shuffled, n_trials, reason = (
        np.reshape(each, (*shape, *np.shape(each)[2:])) for each in zip(*rows, strict=True)
    )
    chance, p_value = compared(score, shuffled)
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
        {"subject": subjects, "metric": list(SCORES[kind]), "train_phase": phases, "test_phase": phases},
        {"kind": kind},
    )
