import torch

from pfc_metarl.networks import compiled
from tests.networks.test_cores import UNITS, random_weights
from tests.networks.test_tape import gradients, lived


def test_a_network_that_is_not_finite_stays_so_and_leaves_the_others_alone():
    broken = random_weights("lstm")
    broken["core"][0, 0, 0] = torch.nan
    own, whole = lived("lstm", True, weights=broken), lived("lstm", True)
    assert own.heads[-1, 0].isnan().all()
    assert torch.equal(own.heads[:, 1], whole.heads[:, 1])
    found, expected = gradients(own), gradients(whole)
    assert found["core"][0].isnan().any()
    assert all(torch.equal(found[name][1], expected[name][1]) for name in expected)


def test_episodes_of_many_lengths_use_all_their_steps():
    for n_episodes in (1, 16, 200):
        n_rows, n_errors = 4 + UNITS + 1, 4 * UNITS + 3
        assert compiled.steps_at_once(n_errors, n_rows, n_episodes) >= 1
    assert compiled.steps_at_once(10_000, 10_000, 16) == compiled.MANY_STEPS


def test_a_percept_is_written_to_the_rows_of_its_parts():
    percepts = torch.full((2, 1, 6, 3), 7.0)
    observation, action = torch.arange(12.0).reshape(2, 3, 2), torch.tensor([[-1, 0, 1], [1, 1, 0]])
    reward = torch.arange(6.0).reshape(2, 3)
    seen = (each.numpy() for each in (observation, action, reward, -reward))
    compiled.perceive(0, percepts.numpy(), (1, 3, -1, 0), 2, *seen)
    assert torch.equal(percepts[:, 0, 1:3], observation.mT)
    assert percepts[:, 0, 3:5].tolist() == [[[0, 1, 0], [0, 0, 1]], [[0, 0, 1], [1, 1, 0]]]
    assert torch.equal(percepts[:, 0, 0], -reward)
    assert (percepts[:, 0, 5] == 7).all(), "no input, not written"
