"""Regressors: what units may carry, read off a recording, for `pfc_metarl.measures.unit_encoding`."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from pfc_metarl.data.dataset import STEP_DIMS, phase_names
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures.activity import TRIAL_DIMS, previous
from pfc_metarl.settings import BadInput

MOMENTS = {"before outcome": "second_stage", "after outcome": "first_stage"}
"""Moment of a trial -> phase in which activity is read, for the latter that of the trial after."""

SIGNATURES = (
    "choice",
    "transition",
    "reward",
    "choice x transition",
    "choice x reward",
    "transition x reward",
    "choice x transition x reward",
    "model-based value",
    "model-free value",
    "good state",
    "next choice",
)

CHOICES = ("left", "right")

LEARNERS = ("model_based", "model_free")


def two_step_signatures(
    recording: xr.Dataset, moment: str, learners: tuple[str, str] = LEARNERS
) -> dict[str, xr.DataArray]:
    """Return what a unit may tell of a trial of the two-step task, before or after its outcome.

    Parameters
    ----------
    recording : Dataset
        Of the two-step task, with variables ``action_value_<learner>``, the values of learners that were shown the
        subject's own choices and rewards.
    moment : {"before outcome", "after outcome"}
        When activity is read: at the second stage, or at the first stage of the trial after.
    learners : pair of str
        Whose values are the model-based and the model-free ones.

    Returns
    -------
    dict of DataArray, dims (network, episode, trial)
        For `unit_encoding`, by the names in `SIGNATURES`. Of the trial whose outcome is meant: choice (1 right, −1
        left), transition (1 common, −1 rare), reward (1 or −1, for a binary one), and their products. Held at the
        moment: the learners' values of right minus left at the latest first stage, and which state is good (1 or −1).
        After the outcome also the next choice, that of the trial after.

    Raises
    ------
    BadInput
        If the moment is unknown, or the recording is none of the two-step task with yoked learners.

    Notes
    -----
    Choice x transition is the second-stage state, which is seen. Whether that state is good, a subject can only infer
    from choice x transition x reward: state and reward agree or do not. A model-free learner needs choice x reward
    alone. Before the outcome nobody can know the reward: what then goes with "reward" and its products is expectation,
    except for the product of all three, whose expectation is a multiple of "good state" where rewards mirror each other
    (0.9 and 0.1): there it is a control, with nothing to find. The next choice is left out then: it hangs on both what
    was believed before and the outcome, so that among trials with the same next choice belief and outcome go together,
    and a unit that carries the one would seem to foresee the other. Daw et al. 2011,
    doi:10.1016/j.neuron.2011.02.027; Miller et al. 2017, doi:10.1038/nn.4613.

    Examples
    --------
    >>> from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_TWO_STEP as agents
    >>> from pfc_metarl.simulation.recording import record
    >>> from pfc_metarl.tasks import TwoStep
    >>> yoked = {name: agents[name] for name in ("model_based", "model_free")}
    >>> recording = record(TwoStep(n_trials=30), agents["random"], n_episodes=30, seed=0, yoked=yoked)
    >>> signatures = two_step_signatures(recording, "after outcome")
    >>> list(signatures)[:4]
    ['choice', 'transition', 'reward', 'choice x transition']
    >>> (signatures["choice"] * signatures["transition"]).equals(signatures["choice x transition"])
    True
    """
    if moment not in MOMENTS:
        raise BadInput(f"moment = {moment!r}: must be one of {', '.join(MOMENTS)}.")
    _require(recording, learners)
    choice, common, good = (_sign(recording, name) for name in ("choice1", "common", "good_state"))
    reward = _two_valued(trial_view(recording, "reward", "second_stage"))
    values = [_difference(recording, f"action_value_{name}") for name in learners]
    following = {}
    if moment == "after outcome":
        following = {"next choice": choice}
        choice, common, reward = (previous(array) for array in (choice, common, reward))
    products = (choice * common, choice * reward, common * reward, choice * common * reward)
    told = dict(zip(SIGNATURES[:-1], (choice, common, reward, *products, *values, good), strict=True))
    return {**told, **following}


def _require(recording: xr.Dataset, learners: tuple[str, str]) -> None:
    if not isinstance(recording, xr.Dataset):
        raise BadInput(f"Expected a recording, not {type(recording).__name__}.")
    for name in ("choice1", "common", "good_state", *(f"action_value_{name}" for name in learners)):
        if name not in recording:
            raise BadInput(f"The recording has no variable {name!r}; record the two-step task with yoked learners.")
    for name in learners:
        dims = recording[f"action_value_{name}"].dims
        if dims != (*STEP_DIMS, "option") or recording.sizes["option"] < len(CHOICES):
            raise BadInput(f"action_value_{name} of the recording must have dims {STEP_DIMS} and option: {CHOICES}.")


def _sign(recording: xr.Dataset, name: str) -> xr.DataArray:
    """Return a field that is 0 or 1 as −1 or 1; NaN where it is neither, in trials that were lost."""
    codes = trial_view(recording, name, "second_stage").astype(float)
    return 2 * codes.where(codes.isin([0, 1])) - 1


def _two_valued(reward: xr.DataArray) -> xr.DataArray:
    """Return the reward on a scale on which its smallest is −1 and its largest 1."""
    low, high = float(reward.min()), float(reward.max())
    return reward.astype(float) * 0 if low == high else 2 * (reward - low) / (high - low) - 1


def _difference(recording: xr.Dataset, name: str) -> xr.DataArray:
    values = trial_view(recording, name, "first_stage").astype(float)
    left, right = (values.isel(option=option, drop=True) for option in range(len(CHOICES)))
    return right - left


def learner_signatures(
    recording: xr.Dataset, learner: str, phase: str | None = None, choice: str = "choice"
) -> dict[str, xr.DataArray]:
    """Return what a unit may tell in a trial with two arms: of the last trial, a learner's values, and the next action.

    Parameters
    ----------
    recording : Dataset
        With ``rpe_<learner>`` and ``action_value_<learner>``, what a learner held that was shown the subject's own
        choices and rewards, see `pfc_metarl.simulation.recording.with_yoked`.
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
    >>> bool((signatures["right − left value"] == trial_view(recording, "value", "choice")).all())
    True
    """
    for name in (f"rpe_{learner}", f"action_value_{learner}"):
        if name not in recording:
            raise BadInput(f"The recording has no variable {name!r}; yoke the learner to it.")
    phase = phase_names(recording)[0] if phase is None else phase
    values = trial_view(recording, f"action_value_{learner}", phase).astype(float)
    left, right = (values.isel(option=option, drop=True) for option in range(len(CHOICES)))
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
    """Return what a unit may tell at a phase of each trial: last action and reward, their interaction, and value.

    Parameters
    ----------
    recording : Dataset
    phase : str
        At which value is read.
    choice : str
        Phase of the choice, one of two actions; other responses are no choice, and NaN.
    upcoming : bool
        Whether the choice to come is one of them.

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
    """Return "last action" (−1 left, 1 right), "last reward" and "action x reward", dims (network, episode, trial)."""
    action, reward = previous(side(recording, choice)), previous(trial_view(recording, "reward", choice))
    return {"last action": action, "last reward": reward, "action x reward": action * reward}


def side(recording: xr.Dataset, choice: str = "choice") -> xr.DataArray:
    """Return the side chosen in each trial, −1 left, 1 right, NaN where neither was, dims (network, episode, trial)."""
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
