import numpy as np
import pytest

from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_TWO_STEP
from pfc_metarl.experiments.two_step import EXPERIMENT, VARIANTS
from pfc_metarl.runs.run import open_run
from pfc_metarl.simulate import main
from pfc_metarl.simulation.recording import record


@pytest.fixture(scope="module")
def results():
    """What is measured of two planners in the place of networks."""
    probe = EXPERIMENT.probes["test"]
    test = record(
        EXPERIMENT.task,
        REFERENCE_AGENTS_TWO_STEP["model_based"],
        n_episodes=30,
        seed=0,
        networks=(0, 1),
        yoked=probe.yoked,
    )
    noise = np.random.default_rng(0).normal(0, 0.1, test["rpe"].shape)
    return EXPERIMENT.measures({"test": test.assign(rpe=test["rpe"] + noise)})


def test_the_numbers_are_those_of_the_paper():
    task, network = EXPERIMENT.task, EXPERIMENT.network  # Wang et al. 2018; science sheet 3.4
    assert (task.p_common, task.p_reward_good, task.p_reward_bad, task.p_reversal) == (0.8, 0.9, 0.1, 0.025)
    assert (task.n_trials, task.second_stage_choice, task.drift_sd) == (100, False, 0)
    assert (network.core, network.units, EXPERIMENT.networks) == ("lstm", 48, 8)
    assert EXPERIMENT.probes["test"].episodes == 300
    assert EXPERIMENT.probes["test"].changes == {}
    assert set(EXPERIMENT.probes["test"].reference_agents) == set(REFERENCE_AGENTS_TWO_STEP)
    assert set(EXPERIMENT.probes["test"].yoked) == {"model_based", "model_free", "latent_state", "extended_state"}


def test_the_reference_agents_know_the_task():
    for agent in EXPERIMENT.probes["test"].reference_agents.values():
        for name in ("p_common", "p_reward_good", "p_reward_bad", "p_reversal", "second_stage_choice"):
            assert getattr(getattr(agent, "model", None), name, getattr(EXPERIMENT.task, name)) == getattr(
                EXPERIMENT.task, name
            )


def test_a_planner_has_the_expected_headlines(results):
    rows = {row["measure"]: row for row in EXPERIMENT.summary(results)}
    assert len(rows) == len(EXPERIMENT.headlines)
    assert all(row["n"] == 2 and row["expected"] for row in rows.values())
    assert rows["reward per trial"]["mean"] == pytest.approx(0.656, abs=0.03)  # science sheet 3.4, this and the next
    stay = [
        rows[f"stay after {when}"]["mean"]
        for when in ("common, rewarded", "rare, rewarded", "common, unrewarded", "rare, unrewarded")
    ]
    np.testing.assert_allclose(stay, [0.90, 0.41, 0.46, 0.89], atol=0.06)
    assert rows["planning index"]["mean"] > 6
    assert rows["planning weight two trials back"]["mean"] == pytest.approx(2.2, abs=0.8)
    assert rows["planning weight two trials back"]["reached"] == 2
    assert abs(rows["model-free index"]["mean"]) < 2
    assert rows["partial r² of RPE at onset, model-based learner"]["mean"] > 0.5
    assert rows["partial r² of RPE at onset, model-free learner"]["mean"] < 0.05


def test_a_headline_names_its_variable():
    for headline in EXPERIMENT.headlines:
        for value in headline.at.values():
            label = {2: "two", "second-stage onset": "RPE"}.get(value) or value.replace("_", "-")
            assert label in headline.label


def test_the_claim_rests_on_more_than_one_trial_back(results):
    assert {"stay", "regression", "lags", "rpe", "reward"} <= set(results)
    assert "correct" in results["regression"]["term"]


@pytest.mark.parametrize("core", ["gru", "rnn"])
def test_another_core_has_the_same_worlds_and_measures(core):
    variant = VARIANTS[f"two_step_{core}"]
    assert variant.network.core == core
    assert not variant.variant  # a figure needs it
    for name in ("task", "networks", "probes", "headlines"):
        assert getattr(variant, name) == getattr(EXPERIMENT, name)


def test_gated_units_learn_by_the_same_recipe():
    assert VARIANTS["two_step_gru"].learner == EXPERIMENT.learner


NO_REWARD, FEEDFORWARD = (VARIANTS[f"two_step_{control}"] for control in ("no_reward", "feedforward"))


@pytest.mark.parametrize("control", [NO_REWARD, FEEDFORWARD])
def test_a_control_differs_in_its_network_only(control):
    for name in ("task", "learner", "networks"):
        assert getattr(control, name) == getattr(EXPERIMENT, name)


def test_each_control_lacks_one_thing():
    assert NO_REWARD.network.inputs == ("observation", "previous_action")
    assert NO_REWARD.network.core == EXPERIMENT.network.core
    assert FEEDFORWARD.network.core == "feedforward"
    assert FEEDFORWARD.network.inputs == EXPERIMENT.network.inputs


def test_the_criterion_of_the_controls_tells_chance_from_planning():
    found = {}
    for name in ("random", "model_based"):
        test = record(NO_REWARD.task, REFERENCE_AGENTS_TWO_STEP[name], n_episodes=100, seed=0, networks=(0, 1))
        found[name] = {row["measure"]: row for row in NO_REWARD.summary(NO_REWARD.measures({"test": test}))}
    assert found["random"]["reward per trial"]["reached"] == 2
    assert found["model_based"]["reward per trial"]["reached"] == 0
    np.testing.assert_allclose(found["random"]["planning index"]["mean"], 0, atol=2)


@pytest.mark.slow
def test_every_network_learns_to_plan(tmp_path):
    """From untrained networks to the claim, with a seed that neither the search of the recipe nor the README used."""
    assert main(["two_step", "--seed", "77", "--quiet", "--out", str(tmp_path / "run")]) == 0
    rows = {row["measure"]: np.array(row["subjects"]) for row in open_run(tmp_path / "run").summary()["measures"]}
    assert (rows["reward per trial"] > 0.685).all()
    assert (rows["planning index"] > 10).all()
    assert (np.abs(rows["model-free index"]) < 0.25 * rows["planning index"]).all()
    based, free = (rows[f"partial r² of RPE at onset, {learner} learner"] for learner in ("model-based", "model-free"))
    assert (based > 5 * free).all()
