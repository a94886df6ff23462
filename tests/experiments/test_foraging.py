import numpy as np
import pytest
import xarray as xr

from pfc_metarl.data.trial_table import trials
from pfc_metarl.experiments.foraging import EXPERIMENT, TRAINED, VARIANTS, held_out
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_FORAGING
from pfc_metarl.simulation.recording import record


def test_the_numbers_are_those_of_the_paper_and_its_replications():
    task, network = EXPERIMENT.task, EXPERIMENT.network  # science sheet 1 and 3.1
    assert (task.n_trials, task.p_sum, task.fixation, task.invalid_reward) == (100, 0.5, True, -1)
    assert task.p_left == TRAINED == ((0, 0.1), (0.2, 0.3), (0.4, 0.5))
    assert (network.core, network.units, network.learned_initial_state) == ("gru", 48, True)
    assert EXPERIMENT.networks >= 8
    test = EXPERIMENT.probes["test"]
    assert test.task(EXPERIMENT.task, "test").p_left == ((0, 0.5),)
    assert set(test.reference_agents) == set(REFERENCE_AGENTS_FORAGING)


def test_the_variant_has_the_network_of_the_paper():
    network = VARIANTS["foraging_wang2018"].network
    assert (network.core, network.units, network.learned_initial_state) == ("lstm", 48, True)
    for name in ("task", "networks", "probes", "headlines"):
        assert getattr(VARIANTS["foraging_wang2018"], name) == getattr(EXPERIMENT, name)


def test_what_was_held_out():
    p_left = xr.DataArray([0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.35, 0.4, 0.5])
    np.testing.assert_array_equal(held_out(p_left), [0, 0, 0, 1, 0, 0, 1, 0, 0])


@pytest.fixture(scope="module")
def rows():
    """The headlines of the ideal observer; it has no units, so its expectations of the targets replace activity."""
    task = EXPERIMENT.probes["test"].task(EXPERIMENT.task, "test")
    made = record(task, REFERENCE_AGENTS_FORAGING["observer"], n_episodes=150, seed=0, networks=(0, 1))
    expected = made["action_value"]
    made = made.assign(
        hidden=(("network", "episode", "step", "unit"), expected.values[..., :2]),
        value=expected.isel(option=slice(2)).max("option"),
    )
    return {row["measure"]: row for row in EXPERIMENT.summary(EXPERIMENT.measures({"test": made}))}


def test_the_ideal_observer_has_the_expected_headlines(rows):
    assert len(rows) == len(EXPERIMENT.headlines)
    assert all(row["n"] == 2 and row["expected"] for row in rows.values())
    assert rows["reward per trial"]["mean"] == pytest.approx(0.445, abs=0.012)
    assert rows["matching slope"]["mean"] == pytest.approx(0.87, abs=0.06)
    assert rows["matching slope, held-out probabilities"]["mean"] == pytest.approx(0.8, abs=0.12)
    assert rows["weight of the last reward"]["mean"] > 0
    assert rows["fraction of units with last action"]["mean"] >= 0.5


def test_an_agent_that_alternates_leaves_after_rewards_and_does_not_match():
    task = EXPERIMENT.probes["test"].task(EXPERIMENT.task, "test")
    turns, observer = (
        EXPERIMENT.causality.behaviour(trials(record(task, REFERENCE_AGENTS_FORAGING[name], 50, 0, networks=(0, 1))))
        for name in ("alternation", "observer")
    )
    assert (turns["shift_after_reward"] == 1).all()
    assert (abs(turns["allocation_slope"]) < 0.1).all()
    assert (observer["allocation_slope"] > 0.7).all()
    assert (observer["reward_per_trial"] > turns["reward_per_trial"]).all()
