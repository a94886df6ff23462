"""Clusters of activity: how far apart a network keeps trials that differ in something, phase by phase."""

import numpy as np
import xarray as xr
from sklearn.metrics import silhouette_score

from pfc_metarl.data.dataset import phase_names
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.settings import BadInput

MAX_TRIALS = 500
"""Trials that are compared with each other, at most: distances grow with their square."""

MIN_TRIALS = 10
"""Trials of a label below which nothing is said."""


def cluster_separation(
    recording: xr.Dataset, labels: tuple[str, ...], where: xr.DataArray | None = None, variable: str = "hidden"
) -> xr.Dataset:
    """Return how far apart the activity keeps trials with different labels, at each phase.

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
        about 0 where the label makes no difference (scikit-learn's `silhouette_score`); NaN where a network has fewer
        than 10 trials of a label, or no activity. ``n_trials(subject)``.

    Raises
    ------
    BadInput
        If there are no labels, or a variable is not there or is no activity.

    Notes
    -----
    A network of random weights keeps traces of all it saw, which a read-out finds
    (`pfc_metarl.measures.population_decoding`); that trials form clusters, as in Wang et al. 2018, Fig. 4,
    doi:10.1038/s41593-018-0147-8, says more. Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7.
    """
    if not isinstance(recording, xr.Dataset):
        raise BadInput(f"Expected a recording, not {type(recording).__name__}.")
    if not labels:
        raise BadInput("labels: name at least one variable of the recording.")
    phases = phase_names(recording)
    activity = [trial_view(recording, variable, phase) for phase in phases]
    known = {name: [trial_view(recording, name, phase) for phase in phases] for name in labels}
    shape = known[labels[0]][0].shape
    if activity[0].ndim != len(shape) + 1:
        raise BadInput(f"variable = {variable!r}: activity has one dimension more than trials, its units.")
    chosen = np.ones(shape, bool) if where is None else where.transpose("network", "episode", "trial").values
    trials = [_thinned(its_trials) for its_trials in chosen]
    found = [
        [
            [
                _silhouette(activity[phase].values[network][index], known[name][phase].values[network][index])
                for name in labels
            ]
            for phase in range(len(phases))
        ]
        for network, index in enumerate(trials)
    ]
    return xr.Dataset(
        {
            "silhouette": (("subject", "phase", "label"), np.array(found)),
            "n_trials": ("subject", [len(index[0]) for index in trials]),
        },
        coords={"subject": recording["network"].values, "phase": phases, "label": list(labels)},
    )


def _thinned(trials: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return where a mask is true, at evenly spread places if there are too many."""
    index = np.nonzero(trials)
    kept = np.linspace(0, len(index[0]) - 1, min(MAX_TRIALS, len(index[0]))).astype(int)
    return tuple(axis[kept] for axis in index)


def _silhouette(activity: np.ndarray, label: np.ndarray) -> float:
    counts = np.unique(label, return_counts=True)[1]
    if len(counts) < 2 or counts.min() < MIN_TRIALS or np.ptp(activity, axis=0).max() == 0:
        return np.nan
    return float(silhouette_score(activity.astype(float), label))
