"""Geometry of activity: where a network stands in the space of its units, and what that says of the world."""

import numpy as np
import xarray as xr
from scipy import linalg

from pfc_metarl.data.dataset import phase_names
from pfc_metarl.data.trial_table import KEYS, trial_view
from pfc_metarl.settings import BadInput


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
        Variables to lay beside the scores, read at the same phase: the truth about the world, such as p_reward.

    Returns
    -------
    Dataset
        ``score(network, episode, trial, component)``; ``loading(network, component, unit)``, of length 1, its largest
        entry above 0; ``explained_variance(network, component)``, as share of the whole; and the variables of
        `beside` with dims (network, episode, trial, ...).

    Raises
    ------
    BadInput
        If there are fewer units or trials than components, or a trial never comes to the phase.
    """
    if not isinstance(recording, xr.Dataset):
        raise BadInput(f"Expected a recording, not {type(recording).__name__}.")
    phase = phase_names(recording)[0] if phase is None else phase
    activity = trial_view(recording, variable, phase)
    if activity.ndim != len(KEYS) + 1:
        raise BadInput(f"variable = {variable!r}: its dims are {activity.dims}; activity has one more than trials.")
    if activity.isnull().any():
        raise BadInput(f"phase = {phase!r}: some trials never come to it; choose a phase that all of them have.")
    n_units, n_trials = activity.shape[-1], int(np.prod(activity.shape[1:-1]))
    if not 1 <= n_components <= min(n_units, n_trials):
        raise BadInput(f"n_components = {n_components}: must be from 1 to {min(n_units, n_trials)}.")
    fits = [_components(network.reshape(n_trials, n_units).astype(float), n_components) for network in activity.values]
    scores, loadings, shares = (np.stack(parts) for parts in zip(*fits, strict=True))
    dims = ("network", "episode", "trial", "component")
    coords = {name: coord for name, coord in activity.coords.items() if name != "unit"}
    return xr.Dataset(
        {
            "score": (dims, scores.reshape(*activity.shape[:-1], n_components)),
            "loading": (("network", "component", "unit"), loadings),
            "explained_variance": (("network", "component"), shares),
            **{name: trial_view(recording, name, phase) for name in beside},
        },
        coords={**coords, "component": np.arange(1, n_components + 1)},
    )


def _components(activity: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return scores, loadings and shares of variance of the first `n` components of [trial, unit]."""
    centred = activity - activity.mean(axis=0)
    variance, axes = linalg.eigh(centred.T @ centred)
    if variance[-1] <= 0:
        raise BadInput("The activity of a network never changes; it has no principal components.")
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
    truth : DataArray, dims (network, episode)
        Such as the probability of reward of an arm.

    Returns
    -------
    Dataset, dims (subject, component)
        ``correlation``: Pearson's r of the truth with the score at the last trial (its sign is that of the axis, and
        means nothing); ``multiple_correlation(subject)``: R of the truth with all components together, 0 to 1. By
        chance R² is about the number of components over the attribute ``n_episodes`` − 1.
    """
    ends = components["score"].isel(trial=-1).transpose("network", "episode", "component").values
    truths = truth.transpose("network", "episode").values.astype(float)
    if ends.shape[1] <= ends.shape[2] + 1:
        raise BadInput(f"There are {ends.shape[1]} episodes, too few for {ends.shape[2]} components.")
    ends = ends - ends.mean(axis=1, keepdims=True)
    truths = truths - truths.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(ends, axis=1) * np.linalg.norm(truths, axis=1)[:, None]
    correlation = np.einsum("nec,ne->nc", ends, truths) / norms
    fitted = [end @ linalg.lstsq(end, true)[0] for end, true in zip(ends, truths, strict=True)]
    multiple = np.linalg.norm(fitted, axis=1) / np.linalg.norm(truths, axis=1)
    return xr.Dataset(
        {"correlation": (("subject", "component"), correlation), "multiple_correlation": ("subject", multiple)},
        coords={"subject": components["network"].values, "component": components["component"].values},
        attrs={"n_episodes": ends.shape[1]},
    )
