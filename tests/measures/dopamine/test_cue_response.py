import numpy as np
import pytest
import xarray as xr

from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_INFERRED_VALUE
from pfc_metarl.measures import cue_responses, inferred_change, trials_after_reversal
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import InferredValue
from tests.handmade import recording

PHASES = ["fixation", "cue", "action", "outcome"]
LEFT, RIGHT = 0, 1


def made(cues, sides, rpe, action=None, reward=None):
    """A recording of one episode from a cue, a rewarded side and the prediction errors of four steps for each trial."""
    n = len(cues)
    starts = [trial for trial in range(1, n) if sides[trial] != sides[trial - 1]]
    block = np.array([sum(start <= trial for start in starts) for trial in range(n)])
    age = np.array([trial - max([0, *(s for s in starts if s <= trial)]) for trial in range(n)])
    steps = {"cue_side": cues, "rewarded_side": sides, "block": block, "trial_of_block": age, "trial": np.arange(n)}
    values = {name: np.repeat(value, 4)[None] for name, value in steps.items()}
    values["action"] = np.repeat(cues, 4)[None] if action is None else np.ravel(action)[None]
    values["reward"] = np.zeros((1, 4 * n)) if reward is None else np.ravel(reward)[None]
    return recording(PHASES, phase=np.tile(range(4), n)[None], rpe=np.ravel(rpe)[None].astype(float), **values)


CUES = [LEFT, RIGHT, LEFT, RIGHT, LEFT, RIGHT]
SIDES = [LEFT, LEFT, RIGHT, RIGHT, RIGHT, RIGHT]
NUMBERS = np.arange(24.0).reshape(6, 4)
"""Prediction errors equal to the number of their step: the response to the cue of trial 3 is at step 12."""


def test_each_trial_is_counted_where_it_belongs():
    got = cue_responses(made(CUES, SIDES, NUMBERS), n_lags=3)
    at_cue = got.sel(event="cue")
    # trial 1 is the last of its block, and its target, the right, is not rewarded; trial 2 reverses
    np.testing.assert_array_equal(at_cue["before"].sel(target="unrewarded"), [4])
    np.testing.assert_array_equal(at_cue["before"].sel(target="rewarded"), [np.nan])
    after = at_cue["after"].sel(subject=0)
    # trial 3 shows the right target, which was not seen since the reversal, and is rewarded now
    assert after.sel(change="inferred", lag=1, target="rewarded") == 12
    # trial 4 the left one, as trial 2 did; trial 5 the right one, as trial 3 did
    assert after.sel(change="experienced", lag=2, target="unrewarded") == 16
    assert after.sel(change="experienced", lag=3, target="rewarded") == 20
    assert int(after.notnull().sum()) == 3
    assert int(got["n_before"].sum()) == 1
    assert int(got["n_after"].sum()) == 3
    assert not got["valid"].any()
    assert set(got["reason"].values.ravel()) == {"no rewarded target before a reversal"}


def test_what_is_missing_after_a_reversal_is_said():
    cues, sides = [LEFT, RIGHT] * 5, [LEFT] * 3 + [RIGHT] * 4 + [LEFT] * 3
    responses = cue_responses(made(cues, sides, np.zeros((10, 4))), n_lags=1)
    # the left target ends the first block, rewarded, and the second, unrewarded; lag 1 shows the other one each time
    assert responses["n_before"].values.tolist() == [[1, 1]]
    for got in (responses, inferred_change(responses)):
        reason = got["reason"].sel(subject=0, lag=1)
        assert reason.sel(change="experienced") == "no unrewarded target after a reversal"
        assert reason.sel(change="inferred") == ""
        assert got["valid"].sel(subject=0, lag=1).values.tolist() == [False, True]


def test_an_event_is_answered_by_the_error_of_the_step_before():
    got = cue_responses(made(CUES, SIDES, NUMBERS), n_lags=1)["after"]
    answers = got.sel(subject=0, change="inferred", lag=1, target="rewarded")
    assert dict(zip(PHASES, answers.values, strict=True)) == {"fixation": 11, "cue": 12, "action": 13, "outcome": 14}


def test_invalid_responses_are_left_out():
    reward = np.zeros((6, 4))
    reward[3, 0] = -1  # fixation broken in trial 3: no response of this trial counts, but what it taught does
    got = cue_responses(made(CUES, SIDES, NUMBERS, reward=reward), n_lags=3)["n_after"].sum("target").sel(subject=0)
    assert got.values.tolist() == [[0, 1, 1], [0, 0, 0]]
    action = np.repeat(CUES, 4).reshape(6, 4)
    action[2, 2] = 2  # the saccade of the reversal trial missed: the subject cannot know
    assert cue_responses(made(CUES, SIDES, NUMBERS, action=action), n_lags=3)["n_after"].sum() == 0


def test_trials_after_a_reversal_are_those_in_which_it_could_be_known():
    for lag, trial in enumerate((2, 3, 4, 5)):
        assert np.flatnonzero(trials_after_reversal(made(CUES, SIDES, NUMBERS), lag)).tolist() == [trial]
    action = np.repeat(CUES, 4).reshape(6, 4)
    action[3, 2] = 2
    after = [trials_after_reversal(made(CUES, SIDES, NUMBERS, action=action), lag).sum() for lag in (1, 2, 3)]
    assert after == [1, 0, 0]


def test_changes_by_hand():
    before = xr.DataArray([[[0.4], [-0.2]]], dims=("subject", "target", "event"))
    # experienced: from −0.6 to 0.6, fully; inferred: to −0.3, a quarter of the way
    after = xr.DataArray([[[[[0.3], [-0.3]]], [[[-0.1], [0.2]]]]], dims=("subject", "change", "lag", *before.dims[1:]))
    names = {"target": ["rewarded", "unrewarded"], "change": ["experienced", "inferred"], "event": ["cue"]}
    got = inferred_change(xr.Dataset({"before": before, "after": after}, names)).squeeze()
    assert got["discrimination_before"] == pytest.approx(0.6)
    np.testing.assert_allclose(got["discrimination"], [0.6, -0.3])
    np.testing.assert_allclose(got["change_fraction"], [1, 0.25])
    assert got["ratio"] == pytest.approx(0.25)


@pytest.fixture(scope="module")
def reference_agent():
    def recorded(name):
        return record(InferredValue(), REFERENCE_AGENTS_INFERRED_VALUE[name], n_episodes=150, seed=0, networks=(0, 4))

    return recorded


def test_an_observer_that_infers_has_changed_both_values(reference_agent):
    responses = cue_responses(reference_agent("reversal_observer"))
    got = inferred_change(responses)
    np.testing.assert_allclose(got["ratio"], 1, atol=1e-6)
    certain = got["discrimination"].sel(lag=[1, 2, 3])  # no reversal can come for the first trials of a block
    np.testing.assert_allclose(certain, 0.81, atol=1e-6)  # γ² (1 − 0)
    assert (responses["after"].sel(event="cue", target="rewarded") > 0.2).all()
    assert (responses["after"].sel(event="cue", target="unrewarded") < -0.2).all()
    assert responses["subject"].values.tolist() == [0, 4]


def test_a_learner_that_does_not_infer_has_changed_the_value_it_experienced(reference_agent):
    got = inferred_change(cue_responses(reference_agent("cue_learner")))
    assert (got["change_fraction"].sel(change="experienced") > 0.75).all()
    assert (np.abs(got["change_fraction"].sel(change="inferred", lag=[1, 2])) < 0.1).all()
    assert (np.abs(got["ratio"].sel(lag=[1, 2])) < 0.1).all()
    assert (got["discrimination"].sel(change="inferred", lag=1) < -0.5).all(), "it still answers as before the reversal"


def test_noise_discriminates_nothing(reference_agent):
    noise = np.random.default_rng(0).normal(size=reference_agent("random")["reward"].shape)
    test = reference_agent("reversal_observer")
    got = inferred_change(cue_responses(test.assign(rpe_noise=(test["rpe"].dims, noise)), variable="rpe_noise"))
    assert (np.abs(got["discrimination"].sel(lag=1)) < 0.5).all()
    assert (np.abs(got["discrimination_before"]) < 0.3).all()


def test_what_cannot_be_measured_is_refused():
    whole = made(CUES, SIDES, NUMBERS)
    for n_lags in (0, 6):
        with pytest.raises(BadInput, match=f"n_lags = {n_lags}: must be from 1 to 5"):
            cue_responses(whole, n_lags=n_lags)
    with pytest.raises(BadInput, match="no variable 'rpe_other'"):
        cue_responses(whole, variable="rpe_other")
    with pytest.raises(BadInput, match="'block'"):
        cue_responses(whole.drop_vars("block"))
    with pytest.raises(BadInput, match="Expected a recording, not dict"):
        cue_responses({})
    with pytest.raises(BadInput, match="event = 'go'"):
        inferred_change(cue_responses(whole), event="go")
