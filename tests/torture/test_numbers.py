"""A reward that is not finite, or as large as floats go, stops the network that got it; the others notice nothing.

And a wall clock that jumps to and fro changes nothing, since all intervals are measured on the monotonic one.
"""

import time
from unittest import mock

import torch

from pfc_metarl import open_run
from pfc_metarl.learning.a2c import A2C
from pfc_metarl.learning.base import train
from pfc_metarl.networks.network import Network
from pfc_metarl.settings import settings
from pfc_metarl.simulate import main as simulate_main
from pfc_metarl.simulation import noise
from pfc_metarl.simulation.rollout import rollout
from tests.bandit import Bandit
from tests.torture.harness import SMALL, Count, hashes

FAULTS = (float("nan"), float("inf"), float("-inf"), 1e30, -1e30, 3e38)
LEARNER = A2C(updates=12, episodes=8)


@settings
class Faulty(Bandit):
    """A bandit whose second network sometimes receives an impossible reward, in some worlds."""

    fault: float = 1.0
    p_fault: float = 0.002

    def step(self, state, action, noise):
        state, reward = super().step(state, action, noise)
        strikes = noise[..., 0] < self.p_fault
        strikes[[0, *range(2, len(strikes))]] = False
        return state, torch.where(strikes, self.fault, reward)


def attack(seeds, seed, folder, cores=("lstm", "gru", "rnn", "feedforward")):
    count = Count("rewards that are not finite or huge, and a wall clock that jumps")
    for number in range(seeds):
        for core in cores:
            whole = _trained(core, seed + number, 1.0)
            for fault in FAULTS:
                count.cases += 1
                _contained(core, seed + number, fault, whole, count)
    _clock(folder, count)
    return count.tally()


def _trained(core, seed, fault):
    training = LEARNER.begin(Faulty(fault=fault), Network(core=core, units=5), seed, range(3))
    train(training)
    return training


def _contained(core, seed, fault, whole, count):
    what = f"{core}, seed {seed}, reward {fault}"
    broken, struck = _trained(core, seed, fault), _first_fault(core, seed)
    stopped = broken.stopped.tolist()
    count.require(stopped == [-1, struck, -1], f"{what}: stopped {stopped}, struck in update {struck}")
    count.require(
        all(bool(tensor.isfinite().all()) for tensor in broken.weights.values()), f"{what}: weights are not finite"
    )
    for mine, other in zip(broken.weights.values(), whole.weights.values(), strict=True):
        count.require(torch.equal(mine[[0, 2]], other[[0, 2]]), f"{what}: others have other weights")
    for name, values in broken.history.items():
        same = torch.equal(values[:, [0, 2]], whole.history[name][:, [0, 2]])
        count.require(same, f"{what}: others have another history of {name}")


def _first_fault(core, seed):
    """The update in which the second network is struck first, by drawing its noise again; −1 for never."""
    task, sources = Faulty(), noise.generators(seed, range(3), "training")
    for update in range(LEARNER.updates):
        world = noise.draw(sources, task.n_steps, LEARNER.episodes, task.n_draws, 2).world
        if bool((world[1:, 1, :, 0] < task.p_fault).any()):
            return update
    return -1


def _clock(folder, count):
    """Run twice, once with time.time going back an hour at each look."""
    words = [*SMALL, "--workers", "1", "--out"]
    count.require(simulate_main([*words, str(folder / "steady")]) == 0, "the run without jumps failed")
    with mock.patch.object(time, "time", side_effect=map(float, range(10**9, 0, -3600))):
        count.require(simulate_main([*words, str(folder / "jumps")]) == 0, "a clock set back breaks a run")
    count.cases += 1
    count.require(hashes(folder / "steady") == hashes(folder / "jumps"), "a clock set back changes bytes")
    seconds = open_run(folder / "jumps").manifest["seconds"].values()
    count.require(all(0 <= value < 600 for value in seconds), f"a clock set back shows in {list(seconds)}")


def test_what_is_not_finite_stops_one_network_and_is_reported(tmp_path):
    assert not attack(1, 0, tmp_path, cores=("lstm",)).lost


def test_a_stopped_network_is_in_the_summary(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = "from tests.torture.test_numbers import Faulty\nfrom pfc_metarl import A2C, Experiment\n"
    source += "from pfc_metarl.experiments.base import Probe\n"
    source += "TASK = Faulty(fault=3e38, p_fault=1e-4)\n"
    source += "EXPERIMENT = Experiment(claim='.', task=TASK, learner=A2C(updates=60, episodes=40), networks=3, "
    source += "probes={'test': Probe(episodes=2)})\n"
    (tmp_path / "faulty.py").write_text(source)
    assert simulate_main(["faulty.py", "--workers", "1", "--quiet"]) == 0
    run = open_run("runs/faulty")
    assert list(run.summary()["stopped"]) == ["1"]
    assert 0 <= run.summary()["stopped"]["1"] < 60
    assert all(bool(tensor.isfinite().all()) for tensor in run.weights().values())


def test_rollout_of_a_broken_reward_leaves_the_other_networks_alone():
    task, network = Faulty(fault=float("nan"), p_fault=0.5), Network(units=4)
    training = LEARNER.begin(task, network, 0, range(3))
    drawn = noise.draw(training.sources, task.n_steps, 8, 1, 2)
    reward = rollout(task, training.agent, drawn).reward()
    assert reward[:, [0, 2]].isfinite().all()
    assert not reward[:, 1].isfinite().all()
