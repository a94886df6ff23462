"""Geometry of activity: principal components, and whether the end of an episode reflects a truth about its world."""

import numpy as np
import xarray as xr
from scipy import linalg

from pfc_metarl.data.dataset import phase_names
from pfc_metarl.data.expected import not_a_recording
from pfc_metarl.data.trial_table import KEYS, trial_view
from pfc_metarl.data.validity import refuse_all, validity
from pfc_metarl.measures.activity import labels, ordered
from pfc_metarl.settings import BadInput, counted

NEVER_CHANGES = "its activity never changes, so it has no principal components"


def principal_components(
    recording: xr.Dataset,
    phase: str | None = None,
    variable: str = "hidden",
    n_components: int = 3,
    beside: tuple[str, ...] = (),
) -> xr.Dataset:
    """Return the principal components of each network's activity at a phase, over all trials of all episodes.

    Parameters
    ----------
    recording : Dataset
        With the activity of units.
    phase : str, optional
        By default the first of the recording's phases.
    variable : str
        The activity: "hidden" or "cell".
    n_components : int
    beside : tuple of str
        Variables to return with the scores, read at the same phase, such as p_reward.

    Returns
    -------
    Dataset
        ``score(subject, episode, trial, component)``; ``loading(subject, component, unit)``, of length 1, its largest
        entry above 0; ``explained_variance(subject, component)``, as a fraction of the total; and the variables of
        `beside` with dims (subject, episode, trial, ...). A network whose activity never changes has NaN,
        ``valid(subject)`` is false and ``reason(subject)`` says so.

    Raises
    ------
    BadInput
        If there are fewer units or trials than components, a trial does not reach the phase, or the activity of no
        network ever changes.

    Examples
    --------
    At the outcome two units encode the choice (−1 or 1), one of them the reward too, as does a third one. With noise of
    variance 1 in each, the largest component has a variance of 4, of 11 in all.

    >>> from pfc_metarl.data.example import example_recording
    >>> found = principal_components(example_recording(n_episodes=200), phase="outcome")
    >>> bool(abs(found["explained_variance"].sel(component=1).mean() - 4 / 11) < 0.02)
    True
    """
    if not isinstance(recording, xr.Dataset):
        raise not_a_recording(recording)
    phase = phase_names(recording)[0] if phase is None else phase
    activity = trial_view(recording, variable, phase)
    if activity.ndim != len(KEYS) + 1:
        raise BadInput(f"variable = {variable!r}: its dims are {activity.dims}; activity has one more than trials.")
    if activity.isnull().any():
        raise BadInput(f"phase = {phase!r}: some trials never come to it; choose a phase that all of them have.")
    n_units, n_trials = activity.shape[-1], int(np.prod(activity.shape[1:-1]))
    if not 1 <= n_components <= min(n_units, n_trials):
        raise BadInput(f"n_components = {n_components}: must be from 1 to {min(n_units, n_trials)}.")
    flat = activity.values.reshape(len(activity), n_trials, n_units).astype(float)
    reasons = ["" if np.ptp(each, axis=0).any() else NEVER_CHANGES for each in flat]
    refuse_all(reasons)
    scores, loadings, fractions = (
        np.stack(parts) for parts in zip(*(_components(each, n_components) for each in flat), strict=True)
    )
    dims = ("subject", "episode", "trial", "component")
    coords = {name: coord.values for name, coord in activity.coords.items() if name == "episode"}
    return xr.Dataset(
        {
            "score": (dims, scores.reshape(*activity.shape[:-1], n_components)),
            "loading": (("subject", "component", "unit"), loadings),
            "explained_variance": (("subject", "component"), fractions),
            **{name: trial_view(recording, name, phase).rename(network="subject") for name in beside},
            **validity(reasons),
        },
        coords={**coords, "subject": labels(recording, "network"), "component": np.arange(1, n_components + 1)},
    )


def _components(activity: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return scores, loadings and fractions of variance of the first `n` components of [trial, unit]."""
    centred = activity - activity.mean(axis=0)
    variance, axes = linalg.eigh(centred.T @ centred)
    if not np.ptp(activity, axis=0).any():
        return np.full((len(activity), n), np.nan), np.full((n, activity.shape[1]), np.nan), np.full(n, np.nan)
    loadings = axes[:, ::-1][:, :n].T
    signs = np.sign(loadings[np.arange(n), np.abs(loadings).argmax(axis=1)])
    loadings = loadings * signs[:, None]
    return centred @ loadings.T, loadings, variance[::-1][:n] / variance.sum()


def end_point_correlation(components: xr.Dataset, truth: xr.DataArray) -> xr.Dataset:
    """Correlate where activity ends with a truth about the world of each episode.

    Parameters
    ----------
    components : Dataset
        Of `principal_components`.
    truth : DataArray, dims (network or subject, episode)
        Such as the probability of reward of an arm; aligned with the components by its labels.

    Returns
    -------
    Dataset, dims (subject, component)
        ``correlation``: Pearson's r of the truth with the score at the last trial (its sign is that of the axis, and
        means nothing); ``multiple_correlation(subject)``: R of the truth with all components together, 0 to 1. By
        chance R² is about the number of components over the attribute ``n_episodes`` − 1. ``valid(subject)`` and
        ``reason(subject)`` as of the components.

    Raises
    ------
    BadInput
        If components and truth do not fit, or there are too few episodes.

    Examples
    --------
    The last value of each episode is carried by a unit without noise, which three of six components hold in part.

    >>> from pfc_metarl.data.example import example_recording
    >>> recording = example_recording()
    >>> from pfc_metarl.measures import principal_components
    >>> components = principal_components(recording, phase="outcome", n_components=6)
    >>> last_value = recording["value"].isel(step=-1)
    >>> end_point_correlation(components, last_value)["multiple_correlation"].round(3).values.tolist()
    [1.0, 1.0]
    """
    if not isinstance(truth, xr.DataArray) or set(truth.dims) not in ({"network", "episode"}, {"subject", "episode"}):
        raise BadInput("truth must be a DataArray with dims network (or subject) and episode.")
    aligned = truth.rename(network="subject") if "network" in truth.dims else truth
    for dim in ("subject", "episode"):
        aligned = ordered(aligned.transpose("subject", "episode"), dim, labels(components, dim), "truth")
    truths = aligned.values.astype(float)
    ends = components["score"].isel(trial=-1).transpose("subject", "episode", "component").values
    if ends.shape[1] <= ends.shape[2] + 1:
        raise BadInput(
            f"components: of {counted(ends.shape[1], 'episode')}, too few for {counted(ends.shape[2], 'component')}."
        )
    ends = ends - ends.mean(axis=1, keepdims=True)
    truths = truths - truths.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(ends, axis=1) * np.linalg.norm(truths, axis=1)[:, None]
    correlation = np.einsum("nec,ne->nc", ends, truths) / norms
    fitted = [
        end @ linalg.lstsq(end, true)[0] if np.isfinite(end).all() else np.full(true.shape, np.nan)
        for end, true in zip(ends, truths, strict=True)
    ]
    multiple = np.linalg.norm(fitted, axis=1) / np.linalg.norm(truths, axis=1)
    return xr.Dataset(
        {
            "correlation": (("subject", "component"), correlation),
            "multiple_correlation": ("subject", multiple),
            **components[["valid", "reason"]],
        },
        coords={"subject": labels(components, "subject"), "component": components["component"].values},
        attrs={"n_episodes": ends.shape[1]},
    )
