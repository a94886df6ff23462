"""Signatures of planning and of habit in the units of a network, in the two-step task."""

import xarray as xr

from pfc_metarl.data.dataset import STEP_DIMS
from pfc_metarl.data.expected import not_a_recording
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures.activity import previous
from pfc_metarl.measures.units.encoding import Clusters, unit_encoding
from pfc_metarl.measures.units.regressors import OPTIONS, of_other_episodes
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

LEARNERS = ("model_based", "model_free")


def two_step_signatures(
    recording: xr.Dataset, moment: str, learners: tuple[str, str] = LEARNERS
) -> dict[str, xr.DataArray]:
    """Return what a unit may encode of a trial of the two-step task, before or after its outcome.

    Parameters
    ----------
    recording : Dataset
        Of the two-step task, with variables ``action_value_<learner>``, the values of learners that were shown the
        subject's own choices and rewards.
    moment : {"before outcome", "after outcome"}
        When activity is read: at the second stage, or at the first stage of the trial after.
    learners : pair of str
        Names of the model-based and of the model-free learner.

    Returns
    -------
    dict of DataArray, dims (network, episode, trial)
        For `unit_encoding`, by the names in `SIGNATURES`. Of the trial of this outcome: choice (1 right, −1
        left), transition (1 common, −1 rare), reward (1 or −1, for a binary one), and their products. Held at the
        moment: the learners' values of right minus left at the latest first stage, and which state is good (1 or −1).
        After the outcome also the next choice, that of the trial after.

    Raises
    ------
    BadInput
        If the moment is unknown, or the recording is none of the two-step task with yoked learners.

    Notes
    -----
    Choice x transition is the second-stage state, which is observed. Whether that state is good must be inferred from
    choice x transition x reward: state and reward agree or do not. A model-free learner needs choice x reward alone.
    Before the outcome the reward is unknown: a correlation with "reward" and its products is then expectation,
    except for the product of all three, whose expectation is a multiple of "good state" where rewards mirror each other
    (0.9 and 0.1): there it is a negative control. The next choice is left out then: it depends on both the belief
    before and the outcome, so that among trials with the same next choice belief and outcome are correlated,
    and a unit that encodes the belief would seem to predict the outcome. Daw et al. 2011,
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
    now = dict(zip(SIGNATURES[:-1], (choice, common, reward, *products, *values, good), strict=True))
    return {**now, **following}


def _require(recording: xr.Dataset, learners: tuple[str, str]) -> None:
    if not isinstance(recording, xr.Dataset):
        raise not_a_recording(recording)
    for name in ("choice1", "common", "good_state", *(f"action_value_{name}" for name in learners)):
        if name not in recording:
            raise BadInput(f"The recording has no variable {name!r}; record the two-step task with yoked learners.")
    for name in learners:
        dims = recording[f"action_value_{name}"].dims
        if dims != (*STEP_DIMS, "option") or recording.sizes["option"] < len(OPTIONS):
            raise BadInput(f"action_value_{name} of the recording must have dims {STEP_DIMS} and option: {OPTIONS}.")


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
    left, right = (values.isel(option=option, drop=True) for option in range(len(OPTIONS)))
    return right - left


def signature_encoding(
    recording: xr.Dataset,
    variable: str = "hidden",
    learners: tuple[str, str] = LEARNERS,
    clusters: Clusters = "episode",
    level: float = 0.05,
    shuffle: int | None = None,
) -> xr.Dataset:
    """Regress the activity of each unit on the signatures of planning and of habit, before and after the outcome.

    Parameters
    ----------
    recording : Dataset
        Of the two-step task, see `two_step_signatures`.
    variable : str
        What to explain: "hidden", "cell", or the values of a reference agent instead: "action_value_model_free".
    learners : pair of str
    clusters, level
        See `unit_encoding`.
    shuffle : int, optional
        Seed with which each episode is given the signatures of another one, as a control.

    Returns
    -------
    Dataset, dims (subject, unit, phase, regressor)
        What `unit_encoding` finds, at the phases "before outcome" and "after outcome", of the regressors `SIGNATURES`;
        NaN for the next choice before the outcome.

    Examples
    --------
    The values of a model-free learner, in place of units, encode the model-free value and not the model-based one.

    >>> from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_TWO_STEP as agents
    >>> from pfc_metarl.simulation.recording import record
    >>> from pfc_metarl.tasks import TwoStep
    >>> yoked = {name: agents[name] for name in ("model_based", "model_free")}
    >>> recording = record(TwoStep(n_trials=30), agents["random"], n_episodes=30, seed=0, yoked=yoked)
    >>> found = signature_encoding(recording, "action_value_model_free")["unique_r_squared"].sel(phase="after outcome")
    >>> bool((found.sel(regressor="model-free value") > 10 * found.sel(regressor="model-based value")).all())
    True
    """
    found = {}
    for moment, phase in MOMENTS.items():
        signatures = two_step_signatures(recording, moment, learners)
        if shuffle is not None:
            signatures = of_other_episodes(signatures, shuffle)
        of_moment = unit_encoding(recording, signatures, phase, variable, clusters, level)
        found[moment] = of_moment.reindex(regressor=list(SIGNATURES), fill_value={"significant": False})
    joined = xr.concat(found.values(), xr.IndexVariable("phase", list(found)), combine_attrs="drop", join="exact")
    dims = ("subject", "unit", "phase", "regressor")
    return joined.transpose(*dims, missing_dims="ignore").assign_attrs(variable=variable)
