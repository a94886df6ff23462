"""Decoding: what can be read out of all units together, in episodes that the read-out has not seen."""

from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import sklearn
import xarray as xr
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pfc_metarl.dataset import STEP_DIMS, phase_names
from pfc_metarl.settings import BadInput
from pfc_metarl.trial_table import trial_view

TRIAL_DIMS = ("network", "episode", "trial")

Kind = Literal["classes", "numbers"]

SCORES = {"classes": ("accuracy", "auc"), "numbers": ("r_squared", "correlation")}


def population_decoding(
    recording: xr.Dataset,
    target: xr.DataArray,
    kind: Kind,
    phase: str | None = None,
    variable: str = "hidden",
    n_folds: int = 5,
    n_shuffles: int = 20,
    penalty: float = 1.0,
    seed: int = 0,
) -> xr.Dataset:
    """Decode a target from the activity of each network's units at a phase of the trial, cross-validated.

    Parameters
    ----------
    recording : Dataset
    target : DataArray, dims (network, episode, trial)
        What to decode, such as `pfc_metarl.trial_table.trial_view` gives; trials in which it is NaN are left out.
    kind : {"classes", "numbers"}
        Whether the values of the target are labels (logistic regression) or a quantity (ridge regression).
    phase : str, optional
        By default the first of the recording's phases.
    variable : str
        The activity: "hidden", "cell", or any other variable with one axis beyond the step.
    n_folds : int
        Parts into which the episodes are dealt out; each is decoded by a read-out of the others.
    n_shuffles : int
        Times that the targets of whole episodes are dealt out anew among the episodes, for comparison.
    penalty : float
        L2 penalty on weights, for units that are z-scored over the trials that the read-out is made from.
    seed : int
        Of folds and shuffles.

    Returns
    -------
    Dataset, dims (subject, metric)
        ``score``: accuracy and auc (area under the curve, one against the rest) of classes, r_squared and correlation
        of numbers; ``shuffled(subject, metric, shuffle)``, their mean ``chance``, and ``p_value``, the share of
        shuffles that are not worse, the data among them; ``prediction(subject, episode, trial)``: the likeliest label
        or the number; for classes ``probability(subject, episode, trial, label)``; ``n_trials(subject)``. Predictions
        are there for all trials, those with an unknown target too, and come from other episodes.

    Raises
    ------
    BadInput
        If target and recording do not fit, there are too few episodes for the folds or with a label, or the target is
        the same in all episodes, trial by trial: then a clock decodes it.

    Notes
    -----
    Trials of an episode are alike, so that folds and shuffles keep them together: in noise p values are uniform.
    """
    _check(recording, target, kind, variable, n_folds, n_shuffles, penalty)
    phase = phase_names(recording)[0] if phase is None else phase
    truth = target.transpose(*TRIAL_DIMS).astype(float)
    labels = np.unique(truth.values[np.isfinite(truth.values)]) if kind == "classes" else np.empty(0)
    found = []
    for network in range(recording.sizes["network"]):
        activity = trial_view(recording.isel(network=[network]), variable, phase)[0].values.astype(float)
        _check_target(activity, truth.values[network], labels, n_folds)
        with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):  # checked above; half the time
            random = np.random.default_rng([seed, network])
            reader = _Reader(activity, labels, n_folds, penalty, seed=int(random.integers(2**31)))
            found.append(_with_shuffles(reader, truth.values[network], random, n_shuffles))
    return _labelled(found, recording, kind, labels, phase)


def _check(
    recording: Any, target: Any, kind: str, variable: str, n_folds: int, n_shuffles: int, penalty: float
) -> None:
    if not isinstance(recording, xr.Dataset):
        raise BadInput(f"Expected a recording, not {type(recording).__name__}.")
    if variable not in recording:
        raise BadInput(f"variable = {variable!r}: the recording has none of that name.")
    dims = recording[variable].dims
    if dims[:3] != STEP_DIMS or len(dims) != len(STEP_DIMS) + 1:
        raise BadInput(f"variable = {variable!r}: its dims are {dims}; activity has one more than {STEP_DIMS}.")
    if not isinstance(target, xr.DataArray) or set(target.dims) != set(TRIAL_DIMS):
        raise BadInput(f"target must be a DataArray with dims {TRIAL_DIMS}.")
    if target.dtype.kind not in "biuf" or bool(np.isinf(target.values.astype(float)).any()):
        raise BadInput("target must hold finite numbers, or NaN for trials to leave out.")
    for dim in ("network", "episode"):
        if target.sizes[dim] != recording.sizes[dim]:
            raise BadInput(f"target has {target.sizes[dim]} along {dim}; the recording has {recording.sizes[dim]}.")
    if kind not in get_args(Kind):
        raise BadInput(f"kind = {kind!r}: must be one of {', '.join(get_args(Kind))}.")
    if not 2 <= n_folds <= recording.sizes["episode"]:
        raise BadInput(f"n_folds = {n_folds}: must be from 2 to {recording.sizes['episode']}, the number of episodes.")
    if n_shuffles < 0:
        raise BadInput(f"n_shuffles = {n_shuffles}: must be at least 0.")
    if not 0 < penalty < np.inf:
        raise BadInput(f"penalty = {penalty}: must be above 0.")


def _check_target(activity: np.ndarray, truth: np.ndarray, labels: np.ndarray, n_folds: int) -> None:
    """Refuse a target of one network, [episode, trial], that cannot be decoded."""
    if truth.shape[1] != activity.shape[1]:
        raise BadInput(f"target has {truth.shape[1]} trials; the recording has {activity.shape[1]}.")
    known = np.isfinite(truth) & np.isfinite(activity).all(-1)
    if len(np.unique(truth[known])) < 2:
        raise BadInput("target: all its known values are the same in a network, so there is nothing to decode.")
    if all(np.array_equal(row, truth[0], equal_nan=True) for row in truth):
        raise BadInput("target is the same in all episodes, trial by trial; join episodes in which it differs.")
    fold = -(-len(truth) // n_folds)
    for label in labels:
        episodes = int(((truth == label) & known).any(axis=1).sum())
        if episodes <= fold:
            raise BadInput(f"target = {label:g} occurs in {episodes} episodes; {n_folds} folds want more than {fold}.")


class _Reading(NamedTuple):
    """What was read out of one network."""

    prediction: np.ndarray
    """[episode, trial], NaN where there is no activity"""
    probability: np.ndarray
    """[episode, trial, label]; no labels where numbers are read"""
    score: tuple[float, float]
    n_trials: int


class _Reader:
    """Reads targets out of the activity of one network, [episode, trial, unit]."""

    def __init__(self, activity: np.ndarray, labels: np.ndarray, n_folds: int, penalty: float, seed: int) -> None:
        self.activity, self.labels = activity, labels
        self.alive = np.isfinite(activity).all(-1)
        self.folds = list(KFold(n_folds, shuffle=True, random_state=seed).split(activity))
        readout = LogisticRegression(C=1 / penalty, solver="newton-cholesky") if len(labels) else Ridge(alpha=penalty)
        self.model = make_pipeline(StandardScaler(), readout)

    def read(self, truth: np.ndarray) -> _Reading:
        """Read a target, [episode, trial], out of episodes that the read-out was not made from."""
        known = self.alive & np.isfinite(truth)
        prediction = np.full(truth.shape, np.nan)
        probability = np.full((*truth.shape, len(self.labels)), np.nan)
        for train, test in self.folds:
            seen, unseen = self._trials(train) & known, self._trials(test)
            model = self.model.fit(self.activity[seen], truth[seen])
            if not len(self.labels):
                prediction[unseen] = model.predict(self.activity[unseen])
                continue
            given = np.zeros((int(unseen.sum()), len(self.labels)))
            given[:, np.searchsorted(self.labels, model.classes_)] = model.predict_proba(self.activity[unseen])
            probability[unseen], prediction[unseen] = given, self.labels[given.argmax(-1)]
        score = self._score(truth[known], prediction[known], probability[known])
        return _Reading(prediction, probability, score, int(known.sum()))

    def _trials(self, episodes: np.ndarray) -> np.ndarray:
        """Return which trials are those of some episodes, and have activity."""
        return self.alive & np.isin(np.arange(len(self.activity)), episodes)[:, None]

    def _score(self, true: np.ndarray, told: np.ndarray, probability: np.ndarray) -> tuple[float, float]:
        if not len(self.labels):
            return float(r2_score(true, told)), float(np.corrcoef(true, told)[0, 1]) if np.ptp(told) else 0.0
        against_rest = zip(self.labels, probability.T, strict=True)
        if len(self.labels) == 2:  # the one's area is the other's
            next(against_rest)
        aucs = [roc_auc_score(true == label, given) for label, given in against_rest]
        return float(accuracy_score(true, told)), float(np.mean(aucs))


def _with_shuffles(
    reader: _Reader, truth: np.ndarray, random: np.random.Generator, n_shuffles: int
) -> tuple[_Reading, np.ndarray]:
    """Return what is read, and the scores of shuffles, [metric, shuffle]."""
    shuffled = [reader.read(truth[random.permutation(len(truth))]).score for _ in range(n_shuffles)]
    return reader.read(truth), np.reshape(shuffled, (n_shuffles, 2)).T


def _labelled(
    found: list[tuple[_Reading, np.ndarray]], recording: xr.Dataset, kind: str, labels: np.ndarray, phase: str
) -> xr.Dataset:
    score, shuffled = np.array([read.score for read, _ in found]), np.stack([scores for _, scores in found])
    n_shuffles = shuffled.shape[-1]
    not_worse = (shuffled >= score[..., None]).sum(-1)
    of_trials = ("subject", *TRIAL_DIMS[1:])
    data = {
        "score": (("subject", "metric"), score),
        "chance": (("subject", "metric"), shuffled.mean(-1) if n_shuffles else np.full(score.shape, np.nan)),
        "p_value": (("subject", "metric"), (1 + not_worse) / (1 + n_shuffles)),
        "shuffled": (("subject", "metric", "shuffle"), shuffled),
        "prediction": (of_trials, np.stack([read.prediction for read, _ in found])),
        "n_trials": (("subject",), np.array([read.n_trials for read, _ in found])),
    }
    coords = {"subject": _networks(recording), "metric": list(SCORES[kind])}
    if kind == "classes":
        data["probability"] = ((*of_trials, "label"), np.stack([read.probability for read, _ in found]))
        coords["label"] = labels
    return xr.Dataset(data, coords, {"phase": phase, "kind": kind})


def _networks(recording: xr.Dataset) -> np.ndarray:
    return recording["network"].values if "network" in recording.coords else np.arange(recording.sizes["network"])
