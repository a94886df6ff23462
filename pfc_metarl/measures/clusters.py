"""Clusters of activity: how far apart a network keeps trials that differ in something, phase by phase."""

import warnings

import numpy as np
import xarray as xr
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import silhouette_score
from sklearn.model_selection import GroupKFold, cross_val_score

from pfc_metarl.dataset import phase_names
from pfc_metarl.settings import BadInput
from pfc_metarl.trial_table import trial_view

N_FOLDS = 5
MAX_TRIALS = 500
"""Trials that are compared with each other, at most: distances grow with their square."""


def cluster_separation(
    recording: xr.Dataset, labels: tuple[str, ...], where: xr.DataArray | None = None, variable: str = "hidden"
) -> xr.Dataset:
    """Return how well activity separates trials by what they are, at each phase.

    Parameters
    ----------
    recording : Dataset
        With the activity of units.
    labels : tuple of str
        Variables with a few whole numbers as values, such as rewarded_side or cue_side.
    where : DataArray of bool, dims (network, episode, trial), optional
        Trials to look at; all by default. More than 500 of a network are thinned out evenly.
    variable : str
        The activity: "hidden" or "cell".

    Returns
    -------
    Dataset, dims (subject, phase, label)
        ``silhouette``: how much nearer trials are to those of their own label than to those of the other, −1 to 1,
        about 0 where the label makes no difference (scikit-learn's `silhouette_score`); ``accuracy``: share of trials
        whose label a linear discriminant tells, cross-validated over episodes; ``chance``: share of the commonest
        label. NaN where a network has fewer than 10 trials of a label. ``n_trials(subject)``.

    Notes
    -----
    A discriminant finds what can be told at all, and a network of random weights keeps traces of much: that something
    makes clusters, as in Wang et al. 2018, Fig. 4, doi:10.1038/s41593-018-0147-8, is said by the silhouette.
    """
    if not isinstance(recording, xr.Dataset):
        raise BadInput(f"Expected a recording, not {type(recording).__name__}.")
    if not labels:
        raise BadInput("labels: name at least one variable of the recording.")
    phases = phase_names(recording)
    views = {name: [trial_view(recording, name, phase) for phase in phases] for name in (variable, *labels)}
    shape = views[labels[0]][0].shape
    if views[variable][0].ndim != len(shape) + 1:
        raise BadInput(f"variable = {variable!r}: activity has one dimension more than trials, its units.")
    chosen = np.ones(shape, bool) if where is None else where.transpose("network", "episode", "trial").values
    episode = np.broadcast_to(np.arange(shape[1])[:, None], shape[1:])
    found = np.full((shape[0], len(phases), len(labels), 3), np.nan)
    n_trials = []
    for network, its_trials in enumerate(chosen):
        index = _thinned(its_trials)
        n_trials.append(len(index[0]))
        for phase in range(len(phases)):
            activity = views[variable][phase].values[network][index].astype(float)
            for label, name in enumerate(labels):
                values = views[name][phase].values[network][index]
                found[network, phase, label] = _separation(activity, values, episode[index])
    dims = ("subject", "phase", "label")
    names = ("silhouette", "accuracy", "chance")
    variables = {name: (dims, found[..., number]) for number, name in enumerate(names)}
    coords = {"subject": recording["network"].values, "phase": phases, "label": list(labels)}
    return xr.Dataset({**variables, "n_trials": ("subject", n_trials)}, coords=coords)


def _thinned(trials: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return where a mask is true, at evenly spread places if there are too many."""
    index = np.nonzero(trials)
    kept = np.linspace(0, len(index[0]) - 1, min(MAX_TRIALS, len(index[0]))).astype(int)
    return tuple(axis[kept] for axis in index)


def _separation(activity: np.ndarray, label: np.ndarray, episode: np.ndarray) -> tuple[float, float, float]:
    """Return silhouette, accuracy and chance."""
    counts = np.unique(label, return_counts=True)[1]
    if len(counts) < 2 or counts.min() < 2 * N_FOLDS or np.ptp(activity, axis=0).max() == 0:
        return np.nan, np.nan, np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # units that say the same as others do no harm here
        discriminant = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
        accuracy = cross_val_score(discriminant, activity, label, groups=episode, cv=GroupKFold(N_FOLDS)).mean()
    return float(silhouette_score(activity, label)), float(accuracy), counts.max() / counts.sum()
