import shutil

import pytest

from pfc_metarl.execution.loading import load
from pfc_metarl.execution.order import Order
from pfc_metarl.execution.simulation import open_run, remeasured, simulate_in
from pfc_metarl.execution.source import Source, resolved
from pfc_metarl.runs.run import open_run as open_directory
from pfc_metarl.settings import BadInput, changed
from pfc_metarl.tasks import Bandit

TINY = {
    "networks": 2,
    "task": {"n_trials": 4},
    "network": {"units": 4},
    "learner": {"updates": 1, "episodes": 2},
    "probes": {"test": {"episodes": 2}},
}


@pytest.fixture(scope="module")
def order():
    """A cohort that trains in a second."""
    return Order(resolved("two_step", TINY), seed=3, workers=1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"workers": 0}, "workers = 0: must be at least 1"),
        ({"seconds_between_checkpoints": 0}, "checkpoint_every = 0: must be above 0 seconds"),
        ({"seconds_between_checkpoints": float("nan")}, "checkpoint_every = nan"),
        ({"seed": -1}, "seed = -1: must be at least 0"),
        ({"seed": 2**63}, "must be at least 0 and below 2"),
        ({"device": "abacus"}, "device = 'abacus': torch cannot use it here"),
    ],
)
def test_what_cannot_be_is_refused_before_a_folder_is_made(order, changes, said, tmp_path):
    with pytest.raises(BadInput, match=said):
        simulate_in(tmp_path / "run", order._replace(**changes))
    assert not (tmp_path / "run").exists()


@pytest.fixture(scope="module")
def made(order, tmp_path_factory):
    """The run of the order; not to be changed."""
    return simulate_in(tmp_path_factory.mktemp("simulation"), order)


def test_a_run_that_is_there_is_kept_and_opens_as_it_was_made(order, made):
    said = []
    simulate_in(made.folder, order, say=said.append)
    assert len(said) == 1
    assert said[0].startswith("kept: weights, test")
    opened = open_run(made.folder)
    assert opened.experiment == made.experiment == order.source.experiment
    assert opened.manifest["training"] == made.manifest["training"]
    assert opened.manifest["seed"] == 3


def test_the_agent_of_a_run_acts_in_its_own_task_and_no_other(made):
    assert load(made).weights["core"].equal(made.weights()["core"])
    with pytest.raises(BadInput, match="task: it has 1 channels, the networks were trained with 3"):
        load(made.folder, Bandit())


def test_measuring_again_trains_nothing(order, made, tmp_path):
    shutil.copytree(made.folder, tmp_path, dirs_exist_ok=True)
    run = open_run(tmp_path)
    longer = order.source._replace(experiment=changed(order.source.experiment, {"learner": {"updates": 2}}))
    with pytest.raises(BadInput, match=r"it has 1 update, not 2; pfc_metarl\.simulate trains on"):
        remeasured(run, longer, again=True)
    weights = (tmp_path / "weights.safetensors").read_bytes()
    more = changed(order.source.experiment, {"probes": {"test": {"episodes": 3}}})
    again = remeasured(run, Source(more, "two_step", TINY), again=True)
    assert again.recording("test").sizes["episode"] == 3
    assert (tmp_path / "weights.safetensors").read_bytes() == weights
    run.update(files={})
    with pytest.raises(BadInput, match="its training is not complete; to continue"):
        remeasured(run, order.source, again=True)


def test_more_updates_for_another_cohort_name_what_differs_and_how_to_continue(order, made):
    more = {"networks": 3, "learner": {"updates": 5}}
    another = order._replace(source=order.source._replace(experiment=changed(order.source.experiment, more)))
    said = r"the run there has networks = 2, this call 3; networks = 2 continues it, choose another folder"
    with pytest.raises(BadInput, match=said):
        simulate_in(made.folder, another)


def test_a_run_of_links_is_loaded_if_allowed(made, tmp_path):
    folder = tmp_path / "linked"
    folder.mkdir()
    for path in made.folder.iterdir():
        (folder / path.name).symlink_to(path)
    with pytest.raises(BadInput, match="follow_links=True reads it"):
        load(folder)
    for agent in (load(folder, follow_links=True), load(open_directory(folder, follow_links=True))):
        assert agent.n_actions == 2


def test_a_folder_too_deep_to_be_made_is_refused_in_a_sentence(order, tmp_path):
    with pytest.raises(BadInput, match="choose a folder that can be written"):
        simulate_in(tmp_path.joinpath(*["d"] * 1500), order._replace(workers=1))
