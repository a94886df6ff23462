import numpy as np
import pytest
import xarray as xr

from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_TWO_STEP
from pfc_metarl.measures import signature_encoding, two_step_signatures
from pfc_metarl.measures.units.signatures import LEARNERS, MOMENTS, SIGNATURES
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TwoStep

INFERENCE = "choice x transition x reward"


@pytest.fixture(scope="module")
def lived():
    """Two agents that choose at random, a planner and a model-free learner yoked to each."""
    yoked = {name: REFERENCE_AGENTS_TWO_STEP[name] for name in LEARNERS}
    return record(
        TwoStep(n_trials=50), REFERENCE_AGENTS_TWO_STEP["random"], n_episodes=30, seed=0, networks=(0, 3), yoked=yoked
    )


@pytest.fixture(scope="module")
def planted(lived):
    """Units that each encode one signature, with its sign, at the moment at which it is known; the rest is noise."""
    before, after = (two_step_signatures(lived, moment) for moment in MOMENTS)
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(*lived["action"].shape, len(SIGNATURES) + 4))
    for unit, name in enumerate(SIGNATURES):
        hidden[:, :, ::2, unit] += 2 * scaled(after[name])
        if name == "transition":
            hidden[:, :, 1::2, unit] -= 2 * scaled(before[name])
    return lived.assign(hidden=(("network", "episode", "step", "unit"), hidden))


def scaled(signature):
    return ((signature - signature.mean()) / signature.std()).fillna(0).values


def test_each_planted_unit_carries_its_signature_and_no_other(planted):
    got = signature_encoding(planted)
    assert got["partial_correlation"].dims == ("subject", "unit", "phase", "regressor")
    assert got["phase"].values.tolist() == list(MOMENTS)
    assert got["subject"].values.tolist() == [0, 3]
    after = got.sel(phase="after outcome")["partial_correlation"]
    own = np.stack([after.isel(unit=unit).sel(regressor=name) for unit, name in enumerate(SIGNATURES)])
    assert (own > 0.5).all()
    assert got["significant"].sel(phase="after outcome").values[:, range(11), range(11)].all()
    others = ~np.eye(15, 11, dtype=bool)
    assert abs(after.values[:, others]).max() < 0.12
    transition = got["coefficient"].sel(phase="before outcome", unit=1, regressor="transition")
    np.testing.assert_allclose(transition, -2, atol=0.15)
    before = got["partial_correlation"].sel(phase="before outcome").drop_sel(unit=1)
    assert abs(before).max() < 0.12


def test_a_belief_does_not_seem_to_foresee_the_outcome():
    yoked = {name: REFERENCE_AGENTS_TWO_STEP[name] for name in (*LEARNERS, "latent_state")}
    made = record(
        TwoStep(n_trials=50),
        REFERENCE_AGENTS_TWO_STEP["soft_observer"],
        n_episodes=60,
        seed=0,
        networks=(0,),
        yoked=yoked,
    )
    value = made["action_value_latent_state"].values[:, :, ::2]
    belief = np.repeat(value[..., 1] - value[..., 0], 2, axis=2)
    noise = np.random.default_rng(1).normal(size=(*belief.shape, 3)) / 10
    got = signature_encoding(made.assign(hidden=(("network", "episode", "step", "unit"), belief[..., None] + noise)))
    foreseen = got.sel(phase="before outcome", regressor=INFERENCE)
    assert abs(foreseen["partial_correlation"]).max() < 0.05
    assert (got["partial_correlation"].sel(phase="before outcome", regressor="model-based value") > 0.2).all()
    assert got["coefficient"].sel(phase="before outcome", regressor="next choice").isnull().all()
    assert got["significant"].dtype == bool


def test_noise_and_other_episodes_signatures_find_nothing(planted):
    got = signature_encoding(planted)
    noise = got["p_value"].sel(unit=slice(11, None))
    assert 0.01 < (noise < 0.05).sum() / noise.count() < 0.1
    shuffled = signature_encoding(planted, shuffle=1)
    assert 0.02 < (shuffled["p_value"] < 0.05).sum() / shuffled["p_value"].count() < 0.09
    assert shuffled["p_significant"].mean() < 0.03
    assert abs(shuffled["partial_correlation"]).max() < 0.12
    assert not shuffled.equals(signature_encoding(planted, shuffle=2))


def test_values_of_a_model_free_agent_in_place_of_units_do_not_plan(lived):
    got = {name: signature_encoding(lived, f"action_value_{name}", clusters=None) for name in LEARNERS}
    after = {name: found["unique_r_squared"].sel(phase="after outcome").max("unit") for name, found in got.items()}
    assert (after["model_free"].sel(regressor="model-free value") > 0.05).all()
    assert (after["model_free"].sel(regressor=["model-based value", INFERENCE]) < 0.01).all()
    assert (after["model_based"].sel(regressor="model-based value") > 0.05).all()
    assert (after["model_based"].sel(regressor="model-free value") < 0.01).all()
    assert got["model_free"]["unit"].values.tolist() == ["left", "right"]


def test_unknown_options_are_refused(lived):
    with pytest.raises(BadInput, match="moment = 'reward': must be one of before outcome, after outcome"):
        two_step_signatures(lived, "reward")
    with pytest.raises(BadInput, match="no variable 'action_value_model_free'; record the two-step task with yoked"):
        signature_encoding(lived.drop_vars("action_value_model_free"))
    with pytest.raises(BadInput, match="variable = 'hidden': the recording has none"):
        signature_encoding(lived)
    with pytest.raises(BadInput, match="Expected a recording"):
        two_step_signatures({}, "before outcome")
    with pytest.raises(BadInput, match="one episode only, and no other"):
        signature_encoding(lived.isel(episode=[0]), "action_value_model_free", shuffle=0)
    never = lived.assign(reward=lived["reward"] * 0)
    with pytest.raises(BadInput, match=r"regressor 'reward'.* is the same in all trials"):
        signature_encoding(never, "action_value_model_free")


def test_signatures_are_those_of_the_trial_whose_outcome_is_meant(lived):
    before, after = (two_step_signatures(lived, moment) for moment in MOMENTS)
    assert tuple(after) == SIGNATURES
    assert tuple(before) == SIGNATURES[:-1]
    for name in SIGNATURES[:7]:
        earlier = before[name].isel(trial=slice(-1))
        xr.testing.assert_equal(
            after[name].isel(trial=slice(1, None)), earlier.assign_coords(trial=earlier["trial"] + 1)
        )
        assert set(np.unique(before[name])) == {-1, 1}
    action = lived["action"].values[:, :, ::2]
    np.testing.assert_array_equal(before["choice"], 2.0 * action - 1)
    np.testing.assert_array_equal(after["next choice"], before["choice"])
    np.testing.assert_array_equal(before["choice x transition"], 2 * lived["state2"].values[:, :, 1::2] - 1)
    paid = lived["reward"].values[:, :, 1::2] > 0
    np.testing.assert_array_equal(before["reward"] > 0, paid)
    agree = paid == lived["state2"].values[:, :, 1::2]  # state 1 paid, or state 0 did not
    np.testing.assert_array_equal(before[INFERENCE] > 0, agree)
    value = lived["action_value_model_based"].values[:, :, ::2]
    for signatures in (before, after):
        np.testing.assert_allclose(signatures["model-based value"], value[..., 1] - value[..., 0])
        np.testing.assert_array_equal(signatures["good state"] > 0, lived["good_state"].values[:, :, 1::2])


def test_the_three_way_product_tells_which_state_is_good(lived):
    before = two_step_signatures(lived, "before outcome")
    agreement = (before[INFERENCE] * before["good state"]).mean()
    assert agreement.item() == pytest.approx(0.8, abs=0.03)  # 0.9 - 0.1, whatever is chosen
    assert (before["choice x reward"] * before["good state"]).mean().item() == pytest.approx(0.8 * 0.6, abs=0.05)
    for name in ("reward", "transition x reward"):
        assert abs((before[name] * before["good state"]).mean()) < 0.1


def test_lost_trials_are_left_out():
    yoked = {name: REFERENCE_AGENTS_TWO_STEP[name] for name in LEARNERS}
    task = TwoStep(n_trials=20, fixation=True)
    made = record(task, REFERENCE_AGENTS_TWO_STEP["random"], n_episodes=5, seed=0, networks=(0,), yoked=yoked)
    before = two_step_signatures(made, "before outcome")
    lost = (made["action"] == 2).values[:, :, 1::3]
    assert lost.any()
    np.testing.assert_array_equal(before["choice"].isnull(), lost)
    np.testing.assert_array_equal(before[INFERENCE].isnull(), lost)
