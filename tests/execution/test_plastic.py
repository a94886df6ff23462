import dataclasses
import shutil

import numpy as np
import pytest
from safetensors.torch import load_file

import pfc_metarl
from pfc_metarl import A2C, Experiment, Network, Probe, open_run
from pfc_metarl.execution.plastic import final_states
from pfc_metarl.execution.shard import with_more_updates
from pfc_metarl.experiments.base import Headline
from pfc_metarl.networks.weights import digest
from pfc_metarl.settings import BadInput, Caution
from pfc_metarl.simulation import noise
from pfc_metarl.tasks import Bandit

ALWAYS_LEFT = Bandit(n_trials=6, arms="correlated", p_first=(0.95,))
"""The left arm is better in every episode, so that slow learning helps."""

EXPERIMENT = Experiment(
    claim="",
    task=ALWAYS_LEFT,
    network=Network(core="gru", units=6),
    learner=A2C(updates=2, episodes=4, initial_learning_rate=0.05, initial_entropy_cost=0.0),
    networks=3,
    probes={
        "frozen": Probe(episodes=620, only=("policy",)),
        "plastic": Probe(episodes=620, only=("policy",), worlds="frozen", plastic=True),
    },
    headlines=(Headline(label="reward", measure="reward_plastic", variable="reward_per_trial"),),
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return pfc_metarl.simulate(
        EXPERIMENT, seed=3, out=tmp_path_factory.mktemp("runs") / "run", workers=2, progress=False
    )


def test_weights_that_go_on_learning_improve_and_frozen_ones_do_not(run):
    late = {"episode": slice(500, None)}
    frozen, plastic = (run.recording(name)["reward"].mean(("step",)) for name in ("frozen", "plastic"))
    assert (frozen.isel(episode=slice(50)).mean("episode") < 0.9).all()
    gain = {name: each.isel(late).mean("episode") for name, each in (("frozen", frozen), ("plastic", plastic))}
    assert (gain["plastic"] - gain["frozen"] > 0.1).all(), gain


def test_before_the_first_update_nothing_differs_and_after_it_everything_does(run):
    frozen, plastic = (run.recording(name) for name in ("frozen", "plastic"))
    first, second = {"episode": slice(50)}, {"episode": slice(50, 100)}
    assert np.allclose(frozen["policy"].isel(first), plastic["policy"].isel(first), atol=1e-6)
    assert np.array_equal(frozen["action"].isel(first), plastic["action"].isel(first))
    changed = abs(frozen["policy"] - plastic["policy"]).isel(second).max(("episode", "step", "option"))
    assert (changed > 1e-3).all(), "every network learns"
    assert plastic["network"].values.tolist() == [0, 1, 2]
    assert plastic.attrs["plastic"] == 1
    assert "plastic" not in frozen.attrs


def test_the_update_is_that_of_a_training_which_goes_on(run):
    """After one batch: the training continued by hand, from the recorded choices and rewards."""
    learner = dataclasses.replace(EXPERIMENT.learner, updates=2 + 13, episodes=50)
    training = learner.begin(ALWAYS_LEFT, EXPERIMENT.network, 3, [2])
    stored = with_more_updates(load_file(run.folder / "state_2_2_to_2.safetensors"), 15)
    training.load({name: stored[name] for name in training.state()})
    training.sources = noise.generators(3, [2], "probe: frozen")
    training.update()
    agent = EXPERIMENT.learner.agent(ALWAYS_LEFT, EXPERIMENT.network, training.weights)
    again = pfc_metarl.record(ALWAYS_LEFT, agent, 100, 3, purpose="frozen", networks=(2,))
    second = {"episode": slice(50, 100)}
    recorded = run.recording("plastic")["policy"].sel(network=[2]).isel(second)
    assert np.allclose(again["policy"].isel(second), recorded, atol=1e-5)


def test_the_weights_of_the_run_stay_as_they_are(run, tmp_path):
    before = digest(open_run(run.folder).weights())
    shutil.copytree(run.folder, tmp_path / "run")
    (tmp_path / "run" / "plastic.nc").unlink()
    with pytest.warns(Caution, match="made again"):
        again = pfc_metarl.simulate(EXPERIMENT, seed=3, out=tmp_path / "run", workers=1, progress=False)
    assert digest(again.weights()) == before
    assert again.recording("plastic").equals(run.recording("plastic"))


def test_without_the_state_at_the_end_of_training_a_plastic_probe_is_refused(run, tmp_path):
    assert final_states(run) == ["state_0_1_to_2.safetensors", "state_2_2_to_2.safetensors"]
    run.manifest["files"] = {name: each for name, each in run.manifest["files"].items() if not name.startswith("state")}
    with pytest.raises(BadInput, match="state at the end of its training is missing"):
        final_states(run)
