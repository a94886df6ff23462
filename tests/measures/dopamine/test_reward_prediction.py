import numpy as np
import pytest
import statsmodels.api as sm

from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_TWO_STEP
from pfc_metarl.measures import rpe_regression
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TwoStep
from tests.handmade import recording

ONSET, REWARD = "second-stage onset", "reward"
LEARNERS = ["model_based", "model_free"]


@pytest.fixture(scope="module")
def yoked():
    """A hybrid agent to which a planner and a model-free learner are yoked."""
    learners = {name: REFERENCE_AGENTS_TWO_STEP[name] for name in LEARNERS}
    return record(
        TwoStep(n_trials=100),
        REFERENCE_AGENTS_TWO_STEP["hybrid"],
        n_episodes=10,
        seed=2,
        networks=(0, 5),
        yoked=learners,
    )


@pytest.mark.parametrize("name", LEARNERS)
def test_the_learner_with_this_rpe_explains_it(yoked, name):
    other = LEARNERS[1 - LEARNERS.index(name)]
    signal = yoked[f"rpe_{name}"]
    noise = np.random.default_rng(0).normal(0, 0.05, signal.shape)
    got = rpe_regression(yoked.assign(rpe=signal + noise))["partial_r_squared"]
    assert got["subject"].values.tolist() == [0, 5]
    assert (got.sel(stage=[ONSET, "both"], learner=name) > 0.7).all()
    assert (got.sel(stage=[ONSET, "both"], learner=other) < 0.02).all()


def test_at_reward_both_learners_have_the_same_prediction_error(yoked):
    np.testing.assert_allclose(*(yoked[f"rpe_{name}"][:, :, 1::2] for name in LEARNERS), atol=1e-6)
    got = rpe_regression(yoked).sel(stage=REWARD)
    assert got["partial_r_squared"].isnull().all()
    assert not got["valid"].any()
    assert set(got["reason"].values.ravel()) == {"both learners have the same prediction errors"}
    assert (got["r_squared"] > 0.9).all()  # the reward is in every prediction error


@pytest.fixture(scope="module")
def synthetic():
    """Two subjects with made-up signals, different at the two stages, each with a mean of its own."""
    rng = np.random.default_rng(4)
    shape = (2, 5, 80)
    phase = np.broadcast_to(np.arange(80) % 2, shape)
    based, free = rng.normal(size=(2, *shape))
    free = free + 0.8 * based
    own = based - 0.6 * free * phase + rng.normal(size=shape)
    signals = {"rpe": own + 3 * phase, "rpe_model_based": based - 2 * phase, "rpe_model_free": free + phase}
    trial = np.broadcast_to(np.arange(80) // 2, shape)
    return recording(["first_stage", "second_stage"], trial=trial, phase=phase, **signals)


def explained(outcome, *regressors):
    return sm.OLS(outcome, np.column_stack([np.ones(len(outcome)), *regressors])).fit().rsquared


@pytest.mark.parametrize(("stage", "phases"), [(ONSET, [0]), (REWARD, [1]), ("both", [0, 1])])
@pytest.mark.parametrize("subject", [0, 1])
def test_r_squared_is_that_of_the_textbook(synthetic, stage, phases, subject):
    here = np.isin(synthetic["phase"].values[subject], phases)
    own, based, free = (synthetic[f"rpe{name}"].values[subject][here] for name in ("", "_model_based", "_model_free"))
    if stage == "both":  # a mean of each stage's own
        late = synthetic["phase"].values[subject][here]
        own, based, free = (x - np.where(late, x[late == 1].mean(), x[late == 0].mean()) for x in (own, based, free))
    full = explained(own, based, free)
    got = rpe_regression(synthetic).sel(stage=stage, subject=subject)
    for this, other, name in ((based, free, "model_based"), (free, based, "model_free")):
        partial = (full - explained(own, other)) / (1 - explained(own, other))
        np.testing.assert_allclose(got["partial_r_squared"].sel(learner=name), partial, rtol=1e-5)
        np.testing.assert_allclose(got["r_squared"].sel(learner=name), np.corrcoef(own, this)[0, 1] ** 2, rtol=1e-5)


def test_the_learners_can_have_other_names(synthetic):
    renamed = synthetic.rename(rpe_model_based="rpe_bayes")
    got = rpe_regression(renamed, names=("bayes", "model_free"))
    assert got["learner"].values.tolist() == ["bayes", "model_free"]
    np.testing.assert_array_equal(got["r_squared"], rpe_regression(synthetic)["r_squared"])


def test_the_stages_can_be_those_of_another_task(synthetic):
    got, known = rpe_regression(synthetic, stages={"cue": "second_stage"}), rpe_regression(synthetic)
    assert got["stage"].values.tolist() == ["cue", "both"]
    for name in ("r_squared", "partial_r_squared"):
        np.testing.assert_array_equal(got[name].sel(stage="cue"), known[name].sel(stage=REWARD))


@pytest.mark.parametrize("name", ["rpe", "rpe_model_based", "rpe_model_free"])
def test_a_missing_signal_is_named(synthetic, name):
    with pytest.raises(BadInput, match=f"no variable '{name}'; record the probe with yoked learners"):
        rpe_regression(synthetic.drop_vars(name))


def test_a_constant_signal_has_no_r_squared(synthetic):
    got = rpe_regression(synthetic.assign(rpe=synthetic["rpe"] * 0 + 0.3))
    assert got["r_squared"].isnull().all()
    assert got["partial_r_squared"].isnull().all()
    assert set(got["reason"].values.ravel()) == {"its prediction errors never change"}
    got = rpe_regression(synthetic.assign(rpe_model_free=synthetic["rpe"] * 0 + 0.3))
    assert set(got["reason"].sel(learner="model_free").values.ravel()) == {"those of the learner never change"}
    assert got.sel(learner="model_free")["r_squared"].isnull().all()
    assert got.sel(learner="model_free")["partial_r_squared"].isnull().all()
    alone = got.sel(learner="model_based")  # beside a constant, what a learner explains is what it explains alone
    np.testing.assert_array_equal(alone["partial_r_squared"], alone["r_squared"])


def test_nothing_is_left_to_explain_where_a_learner_explains_all(synthetic):
    found = rpe_regression(synthetic.assign(rpe=synthetic["rpe_model_free"] * 2))
    got = found["partial_r_squared"]
    np.testing.assert_allclose(got.sel(learner="model_free"), 1)
    assert got.sel(learner="model_based").isnull().all()
    reasons = found["reason"].sel(learner="model_based").values
    assert set(reasons.ravel()) == {"the other learner leaves nothing to explain"}
    assert found["valid"].sel(learner="model_free").all()


def test_learners_that_agree_cannot_be_distinguished(synthetic):
    got = rpe_regression(synthetic.assign(rpe_model_free=synthetic["rpe_model_based"] * 2))
    assert got["partial_r_squared"].isnull().all()


def test_a_task_without_the_two_stages_is_refused(synthetic):
    synthetic = synthetic.copy()
    synthetic["phase"].attrs["flag_meanings"] = ["cue", "go"]
    with pytest.raises(BadInput, match="phase = 'first_stage'"):
        rpe_regression(synthetic)
