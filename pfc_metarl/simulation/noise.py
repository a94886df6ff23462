"""Random numbers: a network's random stream is independent of the other networks."""

import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor


class Noise(NamedTuple):
    """All random numbers of one episode of a cohort; `draw` makes it."""

    world: Tensor
    """Uniform in [0, 1), shape [step + 1, network, episode, draw]; the first entry begins the worlds."""
    choice: Tensor
    """Standard Gumbel, shape [step, network, episode, action]."""


def generator(seed: int, network: int, purpose: str, device: str = "cpu") -> torch.Generator:
    """Return the generator of one network for one purpose; different arguments give independent streams."""
    sequence = np.random.SeedSequence(entropy=seed, spawn_key=(network, zlib.crc32(purpose.encode())))
    return torch.Generator(device).manual_seed(int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1)))


def generators(seed: int, networks: Iterable[int], purpose: str, device: str = "cpu") -> list[torch.Generator]:
    """Return one generator per network.

    Parameters
    ----------
    seed : int
    networks : sequence of int
        Numbers of the networks. The stream of a network is independent of which others there are.
    purpose : str
        What the random numbers are for; other purposes have other streams.
    device : str

    Examples
    --------
    >>> len(generators(0, [0, 1, 2], "test"))
    3
    """
    return [generator(seed, network, purpose, device) for network in networks]


def side_by_side(parts: Sequence[Noise]) -> Noise:
    """Return the noise of more episodes: those of one part after those of the other."""
    return parts[0] if len(parts) == 1 else Noise(*(torch.cat(each, 2) for each in zip(*parts, strict=True)))


def draw(sources: list[torch.Generator], n_steps: int, n_episodes: int, n_draws: int, n_actions: int) -> Noise:
    """Draw the noise of one episode from one generator per network.

    The number of draws depends on the shapes alone, never on what an agent does.

    Parameters
    ----------
    sources : list of torch.Generator
        One for each network, see `generators`.
    n_steps, n_episodes, n_draws, n_actions : int
        Sizes of the task, and parallel episodes of each network.

    Examples
    --------
    >>> from pfc_metarl.simulation.noise import generators
    >>> noise = draw(generators(0, [0, 1], "test"), n_steps=5, n_episodes=3, n_draws=1, n_actions=2)
    >>> tuple(noise.world.shape), tuple(noise.choice.shape)
    ((6, 2, 3, 1), (5, 2, 3, 2))
    """
    device = sources[0].device
    world = torch.empty(len(sources), n_steps + 1, n_episodes, n_draws, device=device)
    choice = torch.empty(len(sources), n_steps, n_episodes, n_actions, device=device)
    for source, its_world, its_choice in zip(sources, world, choice, strict=True):
        its_world.uniform_(generator=source)
        its_choice.copy_(_exponential(its_choice, source))
    return Noise(world.transpose(0, 1), choice.log_().neg_().transpose(0, 1))


def _exponential(like: Tensor, source: torch.Generator) -> Tensor:
    """Draw standard exponential variates.

    Those of torch, which on a CPU it computes one by one, in double precision; here together, by inversion.
    """
    if source.device.type != "cpu":
        return torch.empty_like(like).exponential_(generator=source)
    return torch.empty_like(like, dtype=torch.float64).uniform_(generator=source).neg_().log1p_().neg_()
