"""Decoding: what can be read out of all units together, in episodes that the read-out was not fitted to."""

import numpy as np
import xarray as xr

from pfc_metarl.data.dataset import phase_names
from pfc_metarl.data.validity import refuse_all, validity
from pfc_metarl.measures.activity import TRIAL_DIMS, generator, labels, trial_activity
from pfc_metarl.measures.population.readout import (
    SCORES,
    Kind,
    Reader,
    Reading,
    check_folds,
    checked_target,
    classes_of,
    compared,
    problem,
)


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
        What to decode, as returned by `pfc_metarl.data.trial_table.trial_view`; aligned with the recording by its
        labels. Trials in which it is NaN are left out.
    kind : {"classes", "numbers"}
        Whether the values of the target are labels (logistic regression) or a quantity (ridge regression).
    phase : str, optional
        By default the first of the recording's phases.
    variable : str
        The activity: "hidden", "cell", or any other variable with one axis beyond the step.
    n_folds : int
        Parts into which the episodes are divided; each is decoded by a read-out fitted to the others.
    n_shuffles : int
        How often the targets of whole episodes are permuted among the episodes, for comparison.
    penalty : float
        L2 penalty on weights, for units that are z-scored over the trials that the read-out is fitted to.
    seed : int
        Of folds and shuffles.

    Returns
    -------
    Dataset, dims (subject, metric)
        ``score``: accuracy and auc (area under the curve, one against the rest) of classes, r_squared and correlation
        of numbers; ``shuffled(subject, metric, shuffle)``, their mean ``chance``, and ``p_value``, the fraction of
        shuffles that are not worse, the data among them; ``prediction(subject, episode, trial)``: the likeliest label
        or the number; for classes ``probability(subject, episode, trial, label)``; ``n_trials(subject)``. Predictions
        are there for all trials, those with an unknown target too, and come from other episodes. Where a network cannot
        be decoded, its numbers are NaN, ``valid(subject)`` is false and ``reason(subject)`` says why.

    Raises
    ------
    BadInput
        If target and recording do not fit, or no network can be decoded: there are too few episodes for the folds or
        with a label, or the target is the same in all episodes, trial by trial: then a clock decodes it.

    Notes
    -----
    Trials of an episode are alike, so that folds and shuffles keep them together: in noise p values are uniform.

    Examples
    --------
    A unit encodes the choice, −1 or 1, with noise of variance 1: no read-out of it is better than Φ(1) = 0.84.

    >>> from pfc_metarl.data.example import example_recording
    >>> from pfc_metarl.data.trial_table import trial_view
    >>> recording = example_recording()
    >>> choice = trial_view(recording, "action", "choice")
    >>> found = population_decoding(recording, choice, "classes", phase="choice", n_shuffles=5)
    >>> bool(abs(found["score"].sel(metric="accuracy").mean() - 0.84) < 0.03)
    True
    >>> found["chance"].sel(metric="accuracy").mean().round(1).item()
    0.5
    """
    truth = checked_target(recording, target, kind, variable, n_shuffles, penalty)
    check_folds(recording, n_folds)
    phase = phase_names(recording)[0] if phase is None else phase
    classes = classes_of(truth, kind)
    found, reasons = [], []
    for network, label in enumerate(labels(recording, "network")):
        activity = trial_activity(recording, network, variable, phase)
        reasons.append(problem(activity, truth[network], classes, n_folds))
        if reasons[-1]:
            found.append(_nothing(activity, len(classes), n_shuffles))
            continue
        random = generator(seed, label)
        reader = Reader([activity], classes, n_folds, penalty, seed=int(random.integers(2**31)))
        readings, shuffled = reader.with_shuffles(truth[network], random, n_shuffles)
        found.append((readings[0], shuffled[0]))
    refuse_all(reasons)
    return _labelled(found, recording, kind, classes, phase).assign(validity(reasons))


def _nothing(activity: np.ndarray, n_classes: int, n_shuffles: int) -> tuple[Reading, np.ndarray]:
    """Return NaN for a network that cannot be decoded."""
    unknown = np.full((*activity.shape[:2], n_classes), np.nan)
    reading = Reading(np.full(activity.shape[:2], np.nan), unknown, (np.nan, np.nan), 0)
    return reading, np.full((2, n_shuffles), np.nan)


def _labelled(
    found: list[tuple[Reading, np.ndarray]], recording: xr.Dataset, kind: str, classes: np.ndarray, phase: str
) -> xr.Dataset:
    score, shuffled = np.array([read.score for read, _ in found]), np.stack([scores for _, scores in found])
    chance, p_value = compared(score, shuffled)
    of_trials = ("subject", *TRIAL_DIMS[1:])
    data = {
        "score": (("subject", "metric"), score),
        "chance": (("subject", "metric"), chance),
        "p_value": (("subject", "metric"), p_value),
        "shuffled": (("subject", "metric", "shuffle"), shuffled),
        "prediction": (of_trials, np.stack([read.prediction for read, _ in found])),
        "n_trials": (("subject",), np.array([read.n_trials for read, _ in found])),
    }
    coords = {"subject": labels(recording, "network"), "episode": labels(recording, "episode")}
    coords |= {"metric": np.array(SCORES[kind]), "trial": np.arange(found[0][0].prediction.shape[1])}
    if kind == "classes":
        data["probability"] = ((*of_trials, "label"), np.stack([read.probability for read, _ in found]))
        coords["label"] = classes
    return xr.Dataset(data, coords, {"phase": phase, "kind": kind})
