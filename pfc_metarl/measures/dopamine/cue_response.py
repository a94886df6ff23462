"""Inferred value: how dopamine answers a cue that has changed its worth unseen, after a reversal."""

from typing import NamedTuple

import numpy as np
import xarray as xr

from pfc_metarl.data.dataset import STEP_DIMS, numbers, phase_names
from pfc_metarl.data.expected import not_a_recording
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures.activity import TRIAL_DIMS, labels
from pfc_metarl.settings import BadInput

CUE, ACTION = "cue", "action"
"""Phases in which the target appears, and in which it is answered."""

CHANGES = ("experienced", "inferred")
TARGETS = ("rewarded", "unrewarded")


class ReversalTrials(NamedTuple):
    """What is known of every trial; arrays of shape [network, episode, trial]."""

    cue_side: np.ndarray
    rewarded: np.ndarray
    """Whether a saccade to this trial's target is rewarded."""
    lag: np.ndarray
    """Trials since the reversal; −1 in the first block of an episode."""
    informative: np.ndarray
    """Whether the saccade reached the target, so that the outcome shows which side is rewarded."""
    valid: np.ndarray
    """Whether nothing in the trial was answered wrongly."""

    @classmethod
    def of(cls, recording: xr.Dataset) -> "ReversalTrials":
        """Read the trials off a recording of the reversal task."""
        if not isinstance(recording, xr.Dataset):
            raise not_a_recording(recording)
        names = ("cue_side", "rewarded_side", "trial_of_block", "block")
        cue_side, rewarded_side, trial_of_block, block = (trial_view(recording, n, ACTION).values for n in names)
        rewards = [trial_view(recording, "reward", phase).values for phase in phase_names(recording)]
        return cls(
            cue_side,
            rewarded=cue_side == rewarded_side,
            lag=np.where(block > 0, trial_of_block, -1),
            informative=trial_view(recording, "action", ACTION).values == cue_side,
            valid=np.min(rewards, axis=0) >= 0,
        )

    def before_reversal(self) -> np.ndarray:
        """Return which trials are the last of a block that a reversal ends."""
        return self.valid & (_later(self.lag, -1, fill=-1) == 0)

    def after_reversal(self, lag: int) -> np.ndarray:
        """Return which trials come `lag` trials after a reversal, all since then having been informative."""
        since = [_later(self.informative, k, fill=False) for k in range(1, lag + 1)]
        return np.logical_and.reduce([self.lag == lag, *since])

    def seen_since(self, lag: int) -> np.ndarray:
        """Return which trials show a target that one of the `lag` trials before showed too."""
        return np.logical_or.reduce([_later(self.cue_side, k, fill=-1) == self.cue_side for k in range(1, lag + 1)])


def _later(values: np.ndarray, by: int, fill: float) -> np.ndarray:
    """Move values `by` trials on (back, if below 0)."""
    moved = np.full_like(values, fill)
    if by > 0:
        moved[..., by:] = values[..., :-by]
    else:
        moved[..., :by] = values[..., -by:]
    return moved


def trials_after_reversal(recording: xr.Dataset, lag: int = 1) -> xr.DataArray:
    """Return which trials come ``lag`` trials after a reversal, if the subject could learn of the reversal.

    Parameters
    ----------
    recording : Dataset
        Of the reversal task.
    lag : int
        0 is the trial of the reversal itself.

    Returns
    -------
    DataArray of bool, dims (network, episode, trial)
        True where all trials since the reversal had an outcome to learn from.

    Examples
    --------
    >>> from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_INFERRED_VALUE as agents
    >>> from pfc_metarl.simulation.recording import record
    >>> from pfc_metarl.tasks import InferredValue
    >>> recording = record(InferredValue(), agents["reversal_observer"], n_episodes=20, seed=0)
    >>> first = trials_after_reversal(recording, lag=0)
    >>> from pfc_metarl import trial_view
    >>> block = trial_view(recording, "block", "action")
    >>> first.sum().item() == block.max("trial").sum().item()  # one trial for each reversal
    True
    """
    chosen = ReversalTrials.of(recording).after_reversal(lag)
    coords = {dim: labels(recording, dim) for dim in TRIAL_DIMS[:2]}
    return xr.DataArray(chosen, coords, TRIAL_DIMS)


def cue_responses(recording: xr.Dataset, n_lags: int = 5, variable: str = "rpe") -> xr.Dataset:
    """Return the prediction errors of trials before and after a reversal, by whether the cue was seen since.

    Parameters
    ----------
    recording : Dataset
        Of the reversal task, with the reward-prediction error.
    n_lags : int
        Number of trials analysed after trial n of the reversal: n + 1 to n + `n_lags`.
    variable : str
        The prediction error: "rpe", or ``rpe_<name>`` of a yoked agent.

    Returns
    -------
    Dataset
        ``before(subject, target, event)``, in the last trial of a block, and ``after(subject, change, lag, target,
        event)``: mean prediction error (reward) at the onset of a phase of the trial, its `event`, by
        whether the trial's target is rewarded at that time. A change is "experienced" if the target was shown since
        the reversal, "inferred" if only the other one was. NaN where a subject has no such trial.
        ``n_before(subject, target)`` and ``n_after(subject, change, lag, target)``: trials. ``valid(subject, change,
        lag)``: whether there are trials with both targets, before a reversal and after it; where not, ``reason``.

    Notes
    -----
    Trials with an invalid response are left out, and those after a reversal whose outcome was missed. The prediction
    error at the onset of a phase is that of the step before it. After Bromberg-Martin et al. 2010,
    doi:10.1152/jn.00158.2010, and Wang et al. 2018, Fig. 4, doi:10.1038/s41593-018-0147-8.

    Examples
    --------
    The dopamine response of an ideal observer to a cue not seen since the reversal reflects its new value.

    >>> from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_INFERRED_VALUE as agents
    >>> from pfc_metarl.simulation.recording import record
    >>> from pfc_metarl.tasks import InferredValue
    >>> recording = record(InferredValue(), agents["reversal_observer"], n_episodes=20, seed=0)
    >>> after = cue_responses(recording)["after"].sel(change="inferred", lag=1, event="cue", subject=0)
    >>> bool(after.sel(target="rewarded") > 0 > after.sel(target="unrewarded"))
    True
    """
    known = ReversalTrials.of(recording)
    longest = known.lag.shape[-1] - 1
    if not 1 <= n_lags <= longest:
        raise BadInput(f"n_lags = {n_lags}: must be from 1 to {longest}, as far as the episodes reach.")
    response = _responses(recording, variable)
    before = _by_target(response, known, known.before_reversal())
    after = []
    for lag in range(1, n_lags + 1):
        trials, seen = known.after_reversal(lag) & known.valid, known.seen_since(lag)
        after.append([_by_target(response, known, trials & which) for which in (seen, ~seen)])
    means, counts = ([[part[index] for part in at_lag] for at_lag in after] for index in (0, 1))
    attrs = {"units": "reward"}
    made = xr.Dataset(
        {
            "before": (("subject", "target", "event"), before[0], attrs),
            "after": (("lag", "change", "subject", "target", "event"), np.array(means), attrs),
            "n_before": (("subject", "target"), before[1]),
            "n_after": (("lag", "change", "subject", "target"), np.array(counts)),
        },
        coords={
            "subject": labels(recording, "network"),
            "change": list(CHANGES),
            "lag": np.arange(1, n_lags + 1),
            "target": list(TARGETS),
            "event": phase_names(recording),
        },
    ).transpose("subject", "change", "lag", "target", "event")
    return made.assign(_validity(made["n_before"] > 0, made["n_after"] > 0))


def _validity(before: xr.DataArray, after: xr.DataArray) -> dict[str, xr.DataArray]:
    """Return ``valid`` and ``reason``, from which targets there are trials with, before and after a reversal."""
    reason = xr.DataArray("")
    for when, known in (("after", after), ("before", before)):
        for target in TARGETS:
            reason = xr.where(known.sel(target=target, drop=True), reason, f"no {target} target {when} a reversal")
    return {"valid": reason == "", "reason": reason}


def _responses(recording: xr.Dataset, variable: str) -> np.ndarray:
    """Return the prediction error that answers the onset of each phase, [event, network, episode, trial]."""
    rpe = numbers(recording, variable)
    if recording[variable].dims != STEP_DIMS:
        raise BadInput(f"variable = {variable!r}: a prediction error has dims {STEP_DIMS} and no more.")
    answering = recording[["trial", "phase"]].assign(answer=(STEP_DIMS, np.roll(rpe, 1, axis=2)))
    return np.stack([trial_view(answering, "answer", phase).values for phase in phase_names(recording)])


def _by_target(response: np.ndarray, known: ReversalTrials, trials: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean responses [subject, target, event] in some trials by the worth of their target, and how many."""
    chosen = np.stack([trials & known.rewarded, trials & ~known.rewarded], axis=1)
    chosen[..., 0] = False  # there is no step before the first of an episode
    count = chosen.sum((-2, -1))
    total = np.einsum("knet,nvet->nvk", np.nan_to_num(response), chosen, dtype=float)
    return np.where(count > 0, 1, np.nan)[..., None] * total / count.clip(min=1)[..., None], count


def inferred_change(responses: xr.Dataset, event: str = CUE) -> xr.Dataset:
    """Return how much the response to a cue has changed after a reversal, for cues seen since and not seen since.

    Parameters
    ----------
    responses : Dataset
        Of `cue_responses`.
    event : str
        The phase at whose onset the response is measured.

    Returns
    -------
    Dataset
        With D the response to a target that is rewarded now minus that to one that is not:
        ``discrimination_before(subject)`` and ``discrimination(subject, change, lag)``, D before and after the
        reversal; ``change_fraction(subject, change, lag)``: progress from the old to the new values,
        (D after + D before) / (2 D before), 0 for none and 1 for complete; ``ratio(subject, lag)``: the
        inferred change over the experienced change; ``valid(subject, change, lag)`` and ``reason``: why it is NaN.

    Notes
    -----
    If a subject does not discriminate the targets before a reversal, the ratios are noise: check
    ``discrimination_before`` first.

    Examples
    --------
    For an ideal observer a change that is inferred is as large as one that was experienced.

    >>> from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_INFERRED_VALUE as agents
    >>> from pfc_metarl.simulation.recording import record
    >>> from pfc_metarl.tasks import InferredValue
    >>> recording = record(InferredValue(), agents["reversal_observer"], n_episodes=20, seed=0)
    >>> from pfc_metarl.measures import cue_responses
    >>> found = inferred_change(cue_responses(recording))
    >>> bool(abs(found["ratio"].sel(lag=1).item() - 1) < 0.1)
    True
    """
    if event not in responses["event"].values:
        raise BadInput(f"event = {event!r}: there is none; there are {', '.join(responses['event'].values)}.")
    at_cue = responses[["before", "after"]].sel(event=event, drop=True)
    of_targets = (at_cue.sel(target=target, drop=True) for target in TARGETS)
    rewarded, unrewarded = of_targets
    difference = rewarded - unrewarded
    before, after = difference["before"], difference["after"]
    change = after + before
    ratio = change.sel(change="inferred", drop=True) / change.sel(change="experienced", drop=True)
    return xr.Dataset(
        {
            "discrimination_before": before.assign_attrs(units="reward"),
            "discrimination": after.assign_attrs(units="reward"),
            "change_fraction": change / (2 * before),
            "ratio": ratio,
            **_validity(at_cue["before"].notnull(), at_cue["after"].notnull()),
        }
    )
