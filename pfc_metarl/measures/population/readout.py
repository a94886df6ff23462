"""Read-outs of a network's units, fitted to some episodes and applied to others: what decoding is built of."""

from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import sklearn
import xarray as xr
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score
from sklearn.model_selection import KFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from pfc_metarl.effort import repeats
from pfc_metarl.measures.activity import numbers_of_trials, require_activity
from pfc_metarl.settings import BadInput, counted

Kind = Literal["classes", "numbers"]

SCORES = {"classes": ("accuracy", "auc"), "numbers": ("r_squared", "correlation")}

QUICK = {"assume_finite": True, "skip_parameter_validation": True}
"""What scikit-learn need not check again; half the time."""


def checked_target(
    recording: Any, target: Any, kind: str, variable: str, n_shuffles: int, penalty: float, name: str = "target"
) -> np.ndarray:
    """Return a target in the order of its recording, [network, episode, trial]; refuse what can never be decoded.

    Examples
    --------
    >>> from pfc_metarl.data.example import example_recording
    >>> from pfc_metarl.data.trial_table import trial_view
    >>> recording = example_recording()
    >>> reward = trial_view(recording, "reward", "outcome")
    >>> checked_target(recording, reward, "classes", "hidden", n_shuffles=0, penalty=0)
    Traceback (most recent call last):
    pfc_metarl.settings.BadInput: penalty = 0: must be above 0.
    """
    require_activity(recording, variable)
    if kind not in get_args(Kind):
        raise BadInput(f"kind = {kind!r}: must be one of {', '.join(get_args(Kind))}.")
    if n_shuffles < 0:
        raise BadInput(f"n_shuffles = {n_shuffles}: must be at least 0.")
    if not 0 < penalty < np.inf:
        raise BadInput(f"penalty = {penalty}: must be above 0.")
    return numbers_of_trials(target, recording, name)


def check_folds(recording: xr.Dataset, n_folds: int) -> None:
    """Refuse a number of folds for which there are not enough episodes.

    Examples
    --------
    >>> from pfc_metarl.data.example import example_recording
    >>> check_folds(example_recording(n_episodes=40), n_folds=50)
    Traceback (most recent call last):
    pfc_metarl.settings.BadInput: n_folds = 50: must be from 2 to 40, the number of episodes.
    """
    if not 2 <= n_folds <= recording.sizes["episode"]:
        raise BadInput(f"n_folds = {n_folds}: must be from 2 to {recording.sizes['episode']}, the number of episodes.")


def classes_of(truth: np.ndarray, kind: str) -> np.ndarray:
    """Return the labels among classes; none among numbers.

    Examples
    --------
    >>> classes_of(np.array([1.0, 0.0, np.nan, 1.0]), "classes").tolist()
    [0.0, 1.0]
    """
    return np.unique(truth[np.isfinite(truth)]) if kind == "classes" else np.empty(0)


def problem(activity: np.ndarray, truth: np.ndarray, labels: np.ndarray, n_folds: int) -> str:
    """Return why the target of one network, [episode, trial], cannot be decoded; nothing, if it can.

    Examples
    --------
    >>> problem(np.zeros((4, 10, 6)), np.ones((4, 10)), np.ones(1), n_folds=2)
    'target: all its known values are the same in a network, so there is nothing to decode'
    """
    known = np.isfinite(truth) & np.isfinite(activity).all(-1)
    if len(np.unique(truth[known])) < 2:
        return "target: all its known values are the same in a network, so there is nothing to decode"
    if all(np.array_equal(row, truth[0], equal_nan=True) for row in truth):
        return "target is the same in all episodes, trial by trial; join episodes in which it differs"
    fold = -(-len(truth) // n_folds)
    for label in labels:
        episodes = int(((truth == label) & known).any(axis=1).sum())
        if episodes <= fold:
            return f"target = {label:g} occurs in {counted(episodes, 'episode')}; {n_folds} folds want more than {fold}"
    return ""


class Reading(NamedTuple):
    """What was read out of one network."""

    prediction: np.ndarray
    """[episode, trial], NaN where there is no activity"""
    probability: np.ndarray
    """[episode, trial, label]; no labels where numbers are read"""
    score: tuple[float, float]
    n_trials: int


class Fold:
    """The activity of a network in the episodes that a read-out is fitted to, and in those it is applied to, scaled.

    The activity is the same for every shuffle of a target, so it is scaled once.

    Parameters
    ----------
    activities : list of array, shape [episode, trial, unit]
    seen : array of bool, shape [episode, trial]
        Trials of the first activity to which the read-out is fitted.
    unseen : list of array of bool, shape [episode, trial]
        Trials of each activity to which it is applied.
    """

    def __init__(self, activities: list[np.ndarray], seen: np.ndarray, unseen: list[np.ndarray]) -> None:
        scaler = StandardScaler().fit(activities[0][seen])
        self.seen, self.unseen = seen, unseen
        self.fitted = scaler.transform(activities[0][seen])
        self.applied = [
            scaler.transform(activity[here]) if here.any() else None
            for activity, here in zip(activities, unseen, strict=True)
        ]


class Reader:
    """Reads targets out of the activity of one network, [episode, trial, unit].

    The read-out is fitted to the first activity, and applied to all: that of the same trials at other phases.
    """

    def __init__(
        self, activities: list[np.ndarray], labels: np.ndarray, n_folds: int, penalty: float, seed: int
    ) -> None:
        self.activities, self.labels = activities, labels
        self.alive = [np.isfinite(activity).all(-1) for activity in activities]
        self.episodes = list(KFold(n_folds, shuffle=True, random_state=seed).split(activities[0]))
        self.folds: dict[int, Fold] = {}
        self.model = read_out(labels, penalty)[-1]  # without the scaling, which a fold does once

    def read(self, truth: np.ndarray) -> list[Reading]:
        """Read a target, [episode, trial], out of episodes that the read-out was not fitted to."""
        predictions = [np.full(truth.shape, np.nan) for _ in self.activities]
        probabilities = [np.full((*truth.shape, len(self.labels)), np.nan) for _ in self.activities]
        for number in range(len(self.episodes)):
            fold = self._fold(number, np.isfinite(truth))
            model = self.model.fit(fold.fitted, truth[fold.seen])
            for index, (unseen, activity) in enumerate(zip(fold.unseen, fold.applied, strict=True)):
                if activity is not None:
                    said = predicted(model, activity, self.labels)
                    predictions[index][unseen], probabilities[index][unseen] = said
        found = zip(predictions, probabilities, self.alive, strict=True)
        return [self._scored(truth, *of_activity) for of_activity in found]

    def _fold(self, number: int, known: np.ndarray) -> Fold:
        """Return the activity of a fold, scaled by trials in which the target is known."""
        train, test = self.episodes[number]
        seen = self._trials(0, train) & known
        fold = self.folds.get(number)
        if fold is None or not np.array_equal(fold.seen, seen):
            unseen = [self._trials(index, test) for index in range(len(self.activities))]
            fold = self.folds[number] = Fold(self.activities, seen, unseen)
        return fold

    def with_shuffles(
        self, truth: np.ndarray, random: np.random.Generator, n_shuffles: int
    ) -> tuple[list[Reading], np.ndarray]:
        """Return what is read out of each activity, and the scores of shuffles, [activity, metric, shuffle]."""
        with sklearn.config_context(**QUICK), threadpool_limits(1):  # several threads take nine times as long
            n_different = repeats(n_shuffles, in_rehearsal=1)
            permuted = [self.read(truth[random.permutation(len(truth))]) for _ in range(n_different)]
            readings = self.read(truth)
        scores = [[reading.score for reading in of_shuffle] for of_shuffle in permuted]
        shuffled = np.resize(np.reshape(scores, (n_different, len(self.activities), 2)), self._shape(n_shuffles))
        return readings, np.moveaxis(shuffled, 0, -1)

    def _shape(self, n_shuffles: int) -> tuple[int, int, int]:
        return n_shuffles, len(self.activities), 2

    def _scored(self, truth: np.ndarray, prediction: np.ndarray, probability: np.ndarray, alive: np.ndarray) -> Reading:
        known = alive & np.isfinite(truth)
        score = scored(truth[known], prediction[known], probability[known], self.labels)
        return Reading(prediction, probability, score, int(known.sum()))

    def _trials(self, index: int, episodes: np.ndarray) -> np.ndarray:
        """Return which trials are those of some episodes, and have activity."""
        alive = self.alive[index]
        return np.asarray(alive & np.isin(np.arange(len(alive)), episodes)[:, None])


def read_out(labels: np.ndarray, penalty: float) -> Pipeline:
    """Return a read-out that is yet to be fitted: of labels if there are any, or of numbers.

    Examples
    --------
    >>> read_out(np.array([0, 1]), penalty=1.0)[-1], read_out(np.empty(0), penalty=1.0)[-1]
    (LogisticRegression(solver='newton-cholesky'), Ridge())
    """
    model = LogisticRegression(C=1 / penalty, solver="newton-cholesky") if len(labels) else Ridge(alpha=penalty)
    return make_pipeline(StandardScaler(), model)


def predicted(
    model: Pipeline | LogisticRegression | Ridge, activity: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Apply a fitted read-out to activity [trial, unit]: prediction [trial], probability [trial, label].

    Examples
    --------
    >>> activity, labels = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0, 1])
    >>> predicted(read_out(labels, 0.1).fit(activity, [0, 0, 1, 1]), activity, labels)[0].tolist()
    [0, 0, 1, 1]
    """
    probability = np.zeros((len(activity), len(labels)))
    if not len(labels):
        return model.predict(activity), probability
    probability[:, np.searchsorted(labels, model.classes_)] = model.predict_proba(activity)
    return labels[probability.argmax(-1)], probability


def scored(true: np.ndarray, said: np.ndarray, probability: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return the two `SCORES`; NaN where there are fewer than two trials, or a label does not occur.

    Examples
    --------
    >>> true, probability = np.array([0, 1, 1]), np.array([[0.8, 0.2], [0.6, 0.4], [0.1, 0.9]])
    >>> accuracy, auc = scored(true, np.array([0, 0, 1]), probability, np.array([0, 1]))
    >>> round(accuracy, 3), auc  # every 1 has a higher probability than the 0
    (0.667, 1.0)
    """
    if len(true) < 2 or not np.isin(labels, true).all():
        return np.nan, np.nan
    if not len(labels):
        correlation = float(np.corrcoef(true, said)[0, 1]) if np.ptp(said) and np.ptp(true) else 0.0
        return float(r2_score(true, said)), correlation
    against_rest = zip(labels, probability.T, strict=True)
    if len(labels) == 2:  # the one's area is the other's
        next(against_rest)
    aucs = [roc_auc_score(true == label, given) for label, given in against_rest]
    return float(accuracy_score(true, said)), float(np.mean(aucs))


def compared(score: np.ndarray, shuffled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of shuffles, [...], and the fraction of them that are not worse, the data among them.

    Examples
    --------
    >>> chance, p_value = compared(np.array([0.9]), np.array([[0.5, 0.6, 0.4]]))
    >>> chance.tolist(), p_value.tolist()
    ([0.5], [0.25])
    """
    n_shuffles = shuffled.shape[-1]
    chance = shuffled.mean(-1) if n_shuffles else np.full(score.shape, np.nan)
    p_value = (1 + (shuffled >= score[..., None]).sum(-1)) / (1 + n_shuffles)
    return chance, np.where(np.isfinite(score), p_value, np.nan)
