"""What may and what may not change bytes: the company of other networks, a second run, the number of threads.

- The random draws of network k are the same bits in whatever cohort it is trained.
- So are its weights after the first updates.
- The same command gives the same bytes. The command line computes with one thread, whatever the machine has.
- With other numbers of threads, called as a library, the first updates are the same to float rounding.
"""

import pytest
import torch

from pfc_metarl.learning.a2c import A2C
from pfc_metarl.learning.base import train
from pfc_metarl.networks.network import Network
from pfc_metarl.simulation import noise
from pfc_metarl.tasks import TwoStep
from tests.torture.harness import Count, command, finish, hashes, reference

TASK, UPDATES = TwoStep(n_trials=8), 3
LEARNER = A2C(updates=UPDATES, episodes=4)


def attack(networks, seed, folder, cores=("lstm", "gru"), inside=False):
    count = Count("a network trained with other networks, the same command twice, other threads")
    for core in cores:
        together = _trained(core, seed, range(networks))
        for number in range(0, networks, max(1, networks // 16)):
            count.cases += 1
            _alike(together, _trained(core, seed, [number]), number, f"{core}, network {number} of {networks}", count)
        for threads in (2, 4):
            count.cases += 1
            before = torch.get_num_threads()
            torch.set_num_threads(threads)
            try:
                again, twice = (_trained(core, seed, range(networks)) for _ in range(2))
            finally:
                torch.set_num_threads(before)
            _same(again, twice, f"{core}, {threads} threads, twice", count)
            for a, b in zip(together.weights.values(), again.weights.values(), strict=True):
                count.require(
                    torch.allclose(a, b, rtol=1e-4, atol=1e-5), f"{core}: other weights with {threads} threads"
                )
    expected, _ = reference(folder / "first", inside=inside)
    code, err = finish(command(folder / "second"), inside)
    count.cases += 1
    count.require(code == 0 and hashes(folder / "second") == expected, f"the same command, other bytes {err}")
    return count.tally()


def _trained(core, seed, networks):
    training = LEARNER.begin(TASK, Network(core=core, units=6), seed, networks)
    train(training)
    return training


def _same(one, other, what, count):
    same = all(torch.equal(a, b) for a, b in zip(one.weights.values(), other.weights.values(), strict=True))
    count.require(same, f"{what}: other bits")


def _alike(together, alone, number, what, count):
    states = together.sources[number].get_state(), alone.sources[0].get_state()
    count.require(torch.equal(*states), f"{what}: the generators stand elsewhere")
    for name, b in alone.weights.items():
        a = together.weights[name]
        count.require(torch.equal(a[number], b[0]), f"{what}: {name} has other bits")


def test_bits_do_not_depend_on_cohort_repetition_or_threads(tmp_path):
    assert not attack(64, 0, tmp_path, cores=("lstm",), inside=True).lost


@pytest.mark.parametrize("number", [0, 17, 63])
def test_draws_are_the_same_bits_in_any_cohort(number):
    crowd, alone = (noise.generators(0, networks, "training") for networks in (range(64), [number]))
    for _ in range(3):
        together, single = (noise.draw(sources, 5, 4, 2, 3) for sources in (crowd, alone))
        assert torch.equal(together.world[:, number], single.world[:, 0])
        assert torch.equal(together.choice[:, number], single.choice[:, 0])
