import numpy as np
import pytest

from pfc_metarl.experiments import harlow_objects
from pfc_metarl.experiments.harlow_objects import EXPERIMENT, VARIANTS
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_HARLOW
from pfc_metarl.runs.run import open_run
from pfc_metarl.simulate import main
from pfc_metarl.simulation.recording import record

FEEDFORWARD, NO_REWARD, WANG2018 = (
    VARIANTS[f"harlow_objects_{name}"] for name in ("feedforward", "no_reward", "wang2018")
)


def test_the_numbers_are_those_of_the_papers():
    task, test = EXPERIMENT.task, EXPERIMENT.probes["test"]  # Wang et al. 2018 and 2016; science sheet 2.6, 3.5
    assert (task.n_trials, task.fixation_reward, task.set_size) == (6, 0.2, 1000)
    assert not EXPERIMENT.network.learned_initial_state
    assert EXPERIMENT.networks >= 8
    assert len(harlow_objects.SNAPSHOTS) + 1 == 7
    assert EXPERIMENT.learner.snapshots == harlow_objects.SNAPSHOTS
    assert test.snapshots
    assert test.untrained
    assert set(test.reference_agents) == set(REFERENCE_AGENTS_HARLOW)
    assert WANG2018.network.units == 256
    assert WANG2018.learner.episodes == 32
    assert WANG2018.variant


def test_what_is_tested_was_never_trained_on():
    assert EXPERIMENT.task.drawn_from == "training_set"
    tested = {name: probe.task(EXPERIMENT.task, name).drawn_from for name, probe in EXPERIMENT.probes.items()}
    assert tested == {"test": "held_out_set", "old_objects": "training_set"}


@pytest.mark.parametrize("control", [FEEDFORWARD, NO_REWARD])
def test_each_control_lacks_one_thing(control):
    assert (control.task, control.networks) == (EXPERIMENT.task, EXPERIMENT.networks)
    assert control.learner.updates == EXPERIMENT.learner.updates
    assert control.probes["test"].task(control.task, "test") == EXPERIMENT.probes["test"].task(EXPERIMENT.task, "test")
    assert FEEDFORWARD.network.core == "feedforward"
    assert FEEDFORWARD.network.inputs == EXPERIMENT.network.inputs
    assert NO_REWARD.network.inputs == ("observation", "previous_action")
    assert NO_REWARD.network.core == EXPERIMENT.network.core


@pytest.fixture(scope="module")
def rows():
    """The headlines with a reference agent in the place of networks, by name."""
    found = {}
    for name, agent in REFERENCE_AGENTS_HARLOW.items():
        recordings = {
            probe: record(EXPERIMENT.probes[probe].task(EXPERIMENT.task, probe), agent, n_episodes=300, seed=0)
            for probe in EXPERIMENT.probes
        }
        recordings["test_untrained"] = recordings["test"]
        summary = EXPERIMENT.summary(EXPERIMENT.measures(recordings))
        found[name] = {row["measure"]: row for row in summary}
    return found


def test_an_agent_that_has_learned_to_learn_reaches_every_criterion(rows):
    assert all(row["reached"] == 1 for row in rows["object_learner"].values() if "criterion" in row)
    assert all(row["expected"] for row in rows["object_learner"].values())


def test_an_agent_that_repeats_rewarded_choices_fails_after_a_wrong_choice(rows):
    after = {name: rows["win_stay"][f"correct in trial 2 after a {name} first choice"] for name in ("correct", "wrong")}
    assert (after["correct"]["mean"], after["correct"]["reached"]) == (1, 1)
    assert after["wrong"]["mean"] == pytest.approx(0.5, abs=0.13)
    assert after["wrong"]["reached"] == 0


def test_chance_learns_nothing(rows):
    assert rows["random"]["correct in trials 2 to 6, new objects"]["reached"] == 0
    test = record(NO_REWARD.task, REFERENCE_AGENTS_HARLOW["random"], n_episodes=300, seed=0, networks=(0, 1, 2, 3))
    (row,) = NO_REWARD.summary(NO_REWARD.measures({"test": test}))
    assert row["mean"] == pytest.approx(0.5, abs=0.1)


@pytest.mark.slow
def test_every_network_learns_to_learn_in_one_trial(tmp_path):
    """From untrained networks to the claim, with a seed that neither the search of the recipe nor the README used."""
    assert main(["harlow_objects", "--seed", "77", "--quiet", "--out", str(tmp_path / "run")]) == 0
    rows = {row["measure"]: np.array(row["subjects"]) for row in open_run(tmp_path / "run").summary()["measures"]}
    assert (np.abs(rows["correct in trial 1, new objects"] - 0.5) < 0.1).all()
    assert (rows["correct in trials 2 to 6, new objects"] >= 0.9).all()
    assert (rows["correct in trial 2 after a wrong first choice"] > 0.85).all()
