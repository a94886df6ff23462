import numpy as np

from analyses import unit_controls
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_TWO_STEP, REFERENCE_AGENTS_VOLATILITY
from pfc_metarl.measures import signature_encoding
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TwoStep, Volatility

UNITS = ("network", "episode", "step", "unit")
VALUES = ("model-based value", "model-free value")


def test_the_last_trial_alone_replaces_units():
    made = record(Volatility(n_trials=30), REFERENCE_AGENTS_VOLATILITY["random"], n_episodes=5, seed=0, networks=(0, 1))
    made = made.assign(hidden=(UNITS, np.zeros((*made["action"].shape, 5))))
    got = unit_controls.percept(made)["hidden"].values
    action, reward = 2.0 * made["action"].values - 1, made["reward"].values
    np.testing.assert_array_equal(got[:, :, 1:, 0], action[:, :, :-1])
    np.testing.assert_array_equal(got[:, :, 1:, 1], reward[:, :, :-1])
    np.testing.assert_array_equal(got[..., 2], got[..., 0] * got[..., 1])
    assert not got[:, :, 0].any()


def test_units_made_by_hand_carry_a_belief_and_nothing_else():
    yoked = {name: REFERENCE_AGENTS_TWO_STEP[name] for name in ("latent_state", "model_free")}
    lived = record(
        TwoStep(n_trials=50),
        REFERENCE_AGENTS_TWO_STEP["soft_observer"],
        n_episodes=40,
        seed=0,
        networks=(0, 1),
        yoked=yoked,
    )
    hidden = np.zeros((*lived["action"].shape, 3))
    made = unit_controls.belief_units(lived.assign(hidden=(UNITS, hidden)))
    value = lived["action_value_latent_state"].values
    right = value[:, :, ::2, 1] > value[:, :, ::2, 0]
    for step in (0, 1):
        assert ((made["hidden"].values[:, :, step::2] > 0) == right[..., None]).all()
    got = signature_encoding(made, learners=("latent_state", "model_free"), clusters=None)["partial_correlation"]
    planner, habit = (abs(got.sel(phase="before outcome", regressor=name)) for name in VALUES)
    assert (planner > 0.5).all()
    assert (habit < planner - 0.2).all()
