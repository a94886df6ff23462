import itertools

import scipy.stats
import torch

from pfc_metarl.simulation import noise


def drawn(networks=(0,), seed=0, purpose="tests", n_steps=7, n_episodes=5, n_draws=3, n_actions=4):
    return noise.draw(noise.generators(seed, networks, purpose), n_steps, n_episodes, n_draws, n_actions)


def test_shapes():
    made = drawn(networks=(0, 1))
    assert made.world.shape == (8, 2, 5, 3)
    assert made.choice.shape == (7, 2, 5, 4)


def test_the_same_arguments_give_the_same_noise_and_any_other_argument_another():
    first, *others = (
        drawn(),
        drawn(seed=1),
        drawn(networks=(1,)),
        drawn(purpose="other"),
    )
    assert all(torch.equal(a, b) for a, b in zip(first, drawn(), strict=True))
    for a, b in itertools.combinations([first, *others], 2):
        assert not (a.world == b.world).any()
        assert not (a.choice == b.choice).any()


def test_a_second_episode_is_another_one():
    sources = noise.generators(0, [0], "tests")
    first, second = (noise.draw(sources, 7, 5, 3, 4) for _ in range(2))
    assert not (first.world == second.world).any()


def test_the_noise_of_a_network_is_independent_of_the_other_networks():
    together, alone = drawn(networks=(3, 2, 0)), drawn(networks=(2,))
    assert torch.equal(together.world[:, 1:2], alone.world)
    assert torch.equal(together.choice[:, 1:2], alone.choice)


def test_the_global_generator_is_neither_used_nor_moved():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    first = drawn()
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(1)
    assert torch.equal(first.world, drawn().world)


def test_world_noise_is_uniform_and_choice_noise_is_gumbel():
    made = drawn(n_steps=50, n_episodes=100)
    assert scipy.stats.kstest(made.world.flatten().numpy(), "uniform").pvalue > 0.001
    assert scipy.stats.kstest(made.choice.flatten().numpy(), "gumbel_r").pvalue > 0.001


def test_draws_of_a_world_are_independent():
    world = drawn(n_steps=50, n_episodes=400, n_draws=2).world.flatten(0, 2)
    correlation = torch.corrcoef(world.T)[0, 1].item()
    assert abs(correlation) < 4 / len(world) ** 0.5


def test_the_largest_of_logits_plus_noise_is_a_sample_of_the_softmax():
    logits = torch.tensor([0.0, 1.0, -1.0])
    chosen = (logits + drawn(n_steps=100, n_episodes=200, n_actions=3).choice).argmax(-1)
    expected = logits.softmax(-1) * chosen.numel()
    assert scipy.stats.chisquare(chosen.flatten().bincount().numpy(), expected.numpy()).pvalue > 0.001
