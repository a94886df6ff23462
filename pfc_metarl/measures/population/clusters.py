"""Clusters of activity: the distance of trials with different labels, phase by phase."""

import numpy as np
import xarray as xr
from sklearn.metrics import silhouette_score

from pfc_metarl.data.dataset import phase_names
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures.activity import labels as labels_of
from pfc_metarl.measures.activity import of_trials, require_activity
from pfc_metarl.settings import BadInput, counted

MAX_TRIALS = 500
"""Trials that are compared with each other, at most: distances grow with their square."""

MIN_TRIALS = 10
"""Smallest number of trials of a label."""


def cluster_separation(
    recording: xr.Dataset, labels: tuple[str, ...], where: xr.DataArray | None = None, variable: str = "hidden"
) -> xr.Dataset:
    """Return how well trials with different labels are separated in activity, at each phase.

    Parameters
    ----------
    recording : Dataset
        With the activity of units.
    labels : tuple of str
        Variables with a few whole numbers as values, such as rewarded_side or cue_side.
    where : DataArray of bool, dims (network, episode, trial), optional
        Trials to analyse; all by default; aligned with the recording by its labels. More than 500 of a network are
        thinned out evenly.
    variable : str
        The activity: "hidden" or "cell".

    Returns
    -------
    Dataset, dims (subject, phase, label)
        ``silhouette``: how much nearer trials are to those of their own label than to those of the other, −1 to 1,
        about 0 where the label makes no difference (scikit-learn's `silhouette_score`); NaN where a network has fewer
        than 10 trials of a label, or no activity: there ``valid(subject, phase, label)`` is false and ``reason`` says
        why. ``n_trials(subject)``.

    Raises
    ------
    BadInput
        If there are no labels, or a variable is not there or is no activity.

    Notes
    -----
    Activity of a network with random weights encodes its inputs, which a read-out finds
    (`pfc_metarl.measures.population_decoding`); clusters of trials, as in Wang et al. 2018, Fig. 4,
    doi:10.1038/s41593-018-0147-8, are stronger evidence. Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7.

    Examples
    --------
    Four of six units do not encode the choice, so that silhouettes are small; they are largest where two units do.

    >>> from pfc_metarl.data.example import example_recording
    >>> found = cluster_separation(example_recording(), ("action",))
    >>> bool(found["silhouette"].sel(phase="choice").min() > 0.05)
    True
    >>> found["reason"].sel(subject=0, phase="outcome", label="action").item()  # nothing is chosen there
    'the label is the same in all trials'
    """
    require_activity(recording, variable)
    if not labels:
        raise BadInput("labels: name at least one variable of the recording.")
    phases = phase_names(recording)
    activity = [trial_view(recording, variable, phase).values for phase in phases]
    values = {name: [trial_view(recording, name, phase).values for phase in phases] for name in labels}
    chosen = np.ones(activity[0].shape[:3], bool) if where is None else of_trials(where, recording, "where").values == 1
    trials = [_thinned(own & alive) for own, alive in zip(chosen, np.isfinite(activity[0]).all(-1), strict=True)]
    found = np.full((len(trials), len(phases), len(labels)), np.nan)
    reason = np.full(found.shape, "", dtype=object)
    for network, phase, label in np.ndindex(found.shape):
        index = trials[network]
        own = activity[phase][network][index], values[labels[label]][phase][network][index]
        at = network, phase, label
        found[at], reason[at] = _silhouette(*own)
    dims = ("subject", "phase", "label")
    return xr.Dataset(
        {
            "silhouette": (dims, found),
            "n_trials": ("subject", [len(index[0]) for index in trials]),
            "valid": (dims, reason == ""),
            "reason": (dims, reason.astype(str)),
        },
        coords={"subject": labels_of(recording, "network"), "phase": phases, "label": list(labels)},
    )


def _thinned(trials: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return where a mask is true, at evenly spread places if there are too many."""
    index = np.nonzero(trials)
    kept = np.linspace(0, len(index[0]) - 1, min(MAX_TRIALS, len(index[0]))).astype(int)
    return tuple(axis[kept] for axis in index)


def _silhouette(activity: np.ndarray, label: np.ndarray) -> tuple[float, str]:
    """Return the mean silhouette; or NaN, and why there is none."""
    known = np.isfinite(activity).all(axis=-1) & np.isfinite(label.astype(float))
    counts = np.unique(label[known], return_counts=True)[1]
    if len(counts) < 2:
        return np.nan, "the label is the same in all trials"
    if counts.min() < MIN_TRIALS:
        return np.nan, f"a label has {counted(counts.min(), 'trial')}, fewer than {MIN_TRIALS}"
    if np.ptp(activity[known], axis=0).max() == 0:
        return np.nan, "its activity never changes"
    return float(silhouette_score(activity[known].astype(float), label[known])), ""
