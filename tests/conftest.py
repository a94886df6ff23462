import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as commands do, before numpy is imported
os.environ.pop("COLUMNS", None)  # of the terminal that the tests were started from, or of pytest-xdist

import pytest
import torch

from pfc_metarl.agents import Percept
from pfc_metarl.simulate import main
from pfc_metarl.simulation import noise
from pfc_metarl.simulation.rollout import rollout
from tests.handmade import TINY

torch.set_num_threads(1)

SLOW = ("tests/torture/", "tests/execution/", "tests/test_from_python", "tests/test_interrupts", "tests/test_wheel")
"""Files whose tests take seconds each."""


def pytest_collection_modifyitems(items):
    """Begin with the slow tests, so that processes that share the tests end at the same time."""
    items.sort(key=lambda item: not item.nodeid.startswith(SLOW))


@pytest.fixture
def noise_of():
    """The noise of an episode of a task."""

    def drawn(task, n_episodes=8, networks=(0,), seed=0):
        sources = noise.generators(seed, networks, "tests")
        return noise.draw(sources, task.n_steps, n_episodes, task.n_draws, len(task.action_names))

    return drawn


@pytest.fixture
def live(noise_of):
    """Run an agent in a task; the trajectory."""

    def lived(task, agent, n_episodes=8, networks=(0,), seed=0):
        return rollout(task, agent, noise_of(task, n_episodes, networks, seed))

    return lived


@pytest.fixture
def teach():
    """Show a reference agent given two-step trials; its values and logits at the first stage after each.

    A trial is (choice1, state2, choice2, reward).
    """

    def taught(agent, trials):
        memory, found, before = agent.begin((1, 1)), [], (-1, 0.0)
        for choice1, state2, choice2, reward in [*trials, (0, 0, 0, 0.0)]:
            first = _percept([1.0, 0.0, 0.0], *before)
            _, readout, memory = agent.act(first, memory, torch.zeros(1, 1, 2))
            found.append((readout.action_value[0, 0].tolist(), readout.logits[0, 0].tolist()))
            second = _percept([0.0, 1.0 - state2, float(state2)], choice1, 0.0)
            _, _, memory = agent.act(second, memory, torch.zeros(1, 1, 2))
            before = (choice2, reward)
        values, logits = zip(*found[1:], strict=True)
        return torch.tensor(values), torch.tensor(logits)

    return taught


def _percept(observation, action, reward):
    return Percept(torch.tensor([[observation]]), torch.tensor([[action]]), torch.tensor([[reward]]))


@pytest.fixture
def stays():
    """Stay probabilities (rewarded or not, common or rare) and reward per trial, counted."""

    def counted(trajectory):
        state, reward = trajectory.state(), trajectory.reward()[1::2]
        choice, common = state["choice1"][1::2], state["common"][1::2]
        stay = (choice[1:] == choice[:-1]).float()
        groups = {
            name: stay[(reward[:-1] == rewarded) & (common[:-1] == was_common)].mean().item()
            for name, rewarded, was_common in (("RC", 1, 1), ("RU", 1, 0), ("NC", 0, 1), ("NU", 0, 0))
        }
        return groups | {"reward": reward.mean().item()}

    return counted


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory):
    """The directory of a run with two networks and two updates; not to be changed."""
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    assert main(["two_step", *TINY, "--quiet", "--out", str(folder)]) == 0
    return folder
