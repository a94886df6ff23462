"""Regressors: what units may encode, computed from a recording, for `pfc_metarl.measures.unit_encoding`."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from pfc_metarl.data.dataset import phase_names
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures.activity import TRIAL_DIMS, previous
from pfc_metarl.settings import BadInput

OPTIONS = ("left", "right")


def learner_signatures(
    recording: xr.Dataset, learner: str, phase: str | None = None, choice: str = "choice"
) -> dict[str, xr.DataArray]:
    """Return what a unit may encode in a trial with two arms: the last trial, a learner's values, the next action.

    Parameters
    ----------
    recording : Dataset
        With ``rpe_<learner>`` and ``action_value_<learner>``, what a learner held that was shown the subject's own
        choices and rewards, see `pfc_metarl.simulation.yoked.with_yoked`.
    learner : str
    phase : str, optional
        When activity is read, not after the choice; by default the first of the recording's phases.
    choice : str
        Phase of the choice: action 0 (left) or 1 (right); other responses are no choice, and NaN.

    Returns
    -------
    dict of DataArray, dims (network, episode, trial)
        For `pfc_metarl.measures.unit_encoding`: "last action" (−1 left, 1 right), "last reward" and their product
        "action x reward"; "RPE", the learner's prediction error in the last trial; "value", what it expects of the arm
        that is better now, and "right − left value"; "upcoming action".

    Raises
    ------
    BadInput
        If the recording lacks what the learner held, or a phase.

    Notes
    -----
    Sul et al. 2010, doi:10.1016/j.neuron.2010.03.033, and Bari et al. 2019, doi:10.1016/j.neuron.2019.06.001, regress
    neurons on such variables of learners that were fitted to behaviour.

    Examples
    --------
    >>> from pfc_metarl.data.example import example_recording
    >>> recording = example_recording()
    >>> values = recording["value"].expand_dims(option=["left", "right"], axis=-1) * [0.0, 1.0]
    >>> recording = recording.assign(action_value_mine=values, rpe_mine=recording["reward"] - recording["value"])
    >>> signatures = learner_signatures(recording, "mine")
    >>> list(signatures)
    ['last action', 'last reward', 'action x reward', 'RPE', 'value', 'right − left value', 'upcoming action']
    >>> from pfc_metarl import trial_view
    >>> bool((signatures["right − left value"] == trial_view(recording, "value", "choice")).all())
    True
    """
    for name in (f"rpe_{learner}", f"action_value_{learner}"):
        if name not in recording:
            raise BadInput(f"The recording has no variable {name!r}; yoke the learner to it.")
    phase = phase_names(recording)[0] if phase is None else phase
    values = trial_view(recording, f"action_value_{learner}", phase).astype(float)
    left, right = (values.isel(option=option, drop=True) for option in range(len(OPTIONS)))
    return {
        **last_trial(recording, choice),
        "RPE": previous(trial_view(recording, f"rpe_{learner}", choice)),
        "value": left.where(left > right, right),
        "right − left value": right - left,
        "upcoming action": side(recording, choice),
    }


def of_other_episodes(signatures: Mapping[str, xr.DataArray], seed: int) -> dict[str, xr.DataArray]:
    """Give each episode the signatures of another one, the same for all of them: what is shuffled are labels.

    Parameters
    ----------
    signatures : mapping of DataArray, dims (network, episode, trial)
    seed : int

    Returns
    -------
    dict of DataArray

    Raises
    ------
    BadInput
        If there is one episode only.

    Examples
    --------
    >>> episodes = xr.DataArray([[[0.0], [1.0], [2.0]]], dims=TRIAL_DIMS)
    >>> other = of_other_episodes({"episode": episodes}, seed=0)["episode"]
    >>> bool((other != episodes).all()), sorted(other.values.ravel().tolist())
    (True, [0.0, 1.0, 2.0])
    """
    n_episodes = next(iter(signatures.values())).sizes["episode"]
    if n_episodes < 2:
        raise BadInput("shuffle: there is one episode only, and no other to take signatures from.")
    order = np.random.default_rng(seed).permutation(n_episodes)
    other = np.empty(n_episodes, int)
    other[order] = np.roll(order, 1)
    return {
        name: array.transpose(*TRIAL_DIMS).copy(data=array.transpose(*TRIAL_DIMS).values[:, other])
        for name, array in signatures.items()
    }


def history_signatures(
    recording: xr.Dataset, phase: str = "fixation", choice: str = "choice", upcoming: bool = False
) -> dict[str, xr.DataArray]:
    """Return what a unit may encode at a phase of each trial: last action and reward, their interaction, and value.

    Parameters
    ----------
    recording : Dataset
    phase : str
        At which value is read.
    choice : str
        Phase of the choice, one of two actions; other responses are no choice, and NaN.
    upcoming : bool
        Whether the next choice is one of them.

    Returns
    -------
    dict of DataArray, dims (network, episode, trial)
        For `pfc_metarl.measures.unit_encoding`: "last action" (−1 left, 1 right), "last reward", "action x reward",
        "value" and, on request, "upcoming action".

    Notes
    -----
    Wang et al. 2018, doi:10.1038/s41593-018-0147-8, Fig. 2; Tsutsui et al. 2016, doi:10.1038/ncomms12554.

    Examples
    --------
    >>> from pfc_metarl.data.example import example_recording
    >>> signatures = history_signatures(example_recording(), phase="choice")
    >>> list(signatures)
    ['last action', 'last reward', 'action x reward', 'value']
    >>> np.unique(signatures["last action"].dropna("trial")).tolist()
    [-1.0, 1.0]
    """
    found = {**last_trial(recording, choice), "value": trial_view(recording, "value", phase)}
    return {**found, "upcoming action": side(recording, choice)} if upcoming else found


def last_trial(recording: xr.Dataset, choice: str = "choice") -> dict[str, xr.DataArray]:
    """Return "last action" (−1 left, 1 right), "last reward" and "action x reward", dims (network, episode, trial).

    Examples
    --------
    >>> from pfc_metarl.data.example import example_recording
    >>> list(last_trial(example_recording()))
    ['last action', 'last reward', 'action x reward']
    """
    action, reward = previous(side(recording, choice)), previous(trial_view(recording, "reward", choice))
    return {"last action": action, "last reward": reward, "action x reward": action * reward}


def side(recording: xr.Dataset, choice: str = "choice") -> xr.DataArray:
    """Return the side chosen in each trial, −1 left, 1 right, NaN where neither was, dims (network, episode, trial).

    Examples
    --------
    >>> from pfc_metarl.data.example import example_recording
    >>> np.unique(side(example_recording())).tolist()
    [-1.0, 1.0]
    """
    action = trial_view(recording, "action", choice).astype(float)
    return 2 * action.where(action < 2) - 1


def some_trials(signatures: Mapping[str, xr.DataArray], n_trials: int, seed: int = 0) -> dict[str, xr.DataArray]:
    """Leave as many trials of each episode as together make up a number of trials, drawn at random.

    Units are counted in as many trials as a neuron is recorded for. Taken from many episodes, whose noise is
    independent, they can be tested; a few whole episodes cannot (Harris 2020, doi:10.1101/2020.11.29.402719).

    Parameters
    ----------
    signatures : mapping of DataArray, dims (network, episode, trial)
        A trial in which any of them is NaN is not drawn.
    n_trials : int
        Of each network; rounded up to the same number in every episode.
    seed : int

    Returns
    -------
    dict of DataArray
        The same, NaN in all other trials.

    Examples
    --------
    >>> from pfc_metarl.data.example import example_recording
    >>> recording = example_recording(n_networks=1, n_episodes=40, n_trials=10)
    >>> from pfc_metarl import trial_view
    >>> drawn = some_trials({"value": trial_view(recording, "value", "choice")}, n_trials=40)
    >>> drawn["value"].notnull().sum("trial").values.tolist() == [[1] * 40]
    True
    """
    ordered = {name: array.transpose(*TRIAL_DIMS) for name, array in signatures.items()}
    known = np.logical_and.reduce([array.notnull().values for array in ordered.values()])
    each = -(-n_trials // known.shape[1])
    order = np.where(known, np.random.default_rng(seed).random(known.shape[1:]), np.inf)
    drawn = known & (order.argsort(axis=-1).argsort(axis=-1) < each)
    return {name: array.where(drawn) for name, array in ordered.items()}
