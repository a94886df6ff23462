import pytest
import torch

from pfc_metarl import experiments
from pfc_metarl.execution.pipeline import training_of
from pfc_metarl.networks.weights import digest
from pfc_metarl.pretrained.files import NETWORK, SEED, WEIGHTS, card, encoded, facts, load, names
from pfc_metarl.runs.identity import training_difference
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record


def test_a_network_of_every_main_experiment_is_there_and_they_are_small():
    files = {path.stem for path in (WEIGHTS.parents[1] / "experiments").glob("*.py")}
    assert set(names()) == files & set(experiments.main_names())
    assert sum(path.stat().st_size for path in WEIGHTS.iterdir()) < 1_000_000


@pytest.mark.parametrize("name", names())
def test_a_network_was_trained_with_the_present_settings(name):
    """If it fails after a change of an experiment: ``python -m analyses.trained NAME --runs DIR``."""
    found = facts(name)
    present = training_of(experiments.load(name), SEED, "cpu") | {"networks": found["training"]["networks"]}
    assert training_difference(found["training"], present) is None
    assert (found["seed"], found["network"]) == (SEED, NETWORK)


@pytest.mark.parametrize("name", names())
def test_a_network_acts_in_its_task(name):
    experiment, weights = load(name)
    agent = experiment.learner.agent(experiment.task, experiment.network, weights)
    recording = record(experiment.task, agent, n_episodes=2, seed=0)
    assert recording.sizes["network"] == 1
    assert torch.tensor(recording["policy"].values).isfinite().all()
    assert digest(weights) == facts(name)["weights_sha256"]


@pytest.mark.parametrize("name", names())
def test_a_card_says_what_the_network_does(name):
    text, found = card(name), facts(name)
    assert text.startswith(f"# {name}\n")
    assert f'pfc_metarl.load("{name}")' in text
    assert found["claim"] in text
    assert found["weights_sha256"] in text
    for row in found["measures"]:
        assert f"| {row['measure']} |" in text


def test_one_network_of_the_cohort_is_kept():
    weights = {"core": torch.arange(6.0).reshape(3, 2)}
    assert len(encoded(weights, {})) < len(encoded({"core": torch.zeros(3, 200)}, {}))


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(BadInput, match="did you mean 'two_step'"):
        load("two_stepp")
