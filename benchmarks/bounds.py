"""What a training step costs at least: its matrix products alone, by torch and by the BLAS of the compiled loops."""

from collections.abc import Callable

import numba
import numpy as np
import torch

STEPS, EPISODES, UNITS, INPUTS, HEADS = 200, 16, 48, 6, 3
ROWS, GATES = INPUTS + UNITS + 1, 4 * UNITS
AT_ONCE = 5
"""Steps in one product for the weights, as in the compiled loops."""


def products(networks: int, device: str = "cpu") -> Callable[[], object]:
    """Return the matrix products of one training step for all episodes of a cohort by torch, and nothing else."""

    def matrices(*shape: int) -> torch.Tensor:
        return torch.randn(networks, *shape, device=device)

    percepts, core = matrices(EPISODES, ROWS), matrices(ROWS, GATES)
    outputs, heads = matrices(EPISODES, UNITS + 1), matrices(UNITS + 1, HEADS)
    errors, recurrent = matrices(EPISODES, GATES), matrices(GATES, UNITS)
    gates, out, d_hidden = torch.empty_like(errors), matrices(EPISODES, HEADS), matrices(EPISODES, UNITS)
    all_percepts, all_errors = matrices(STEPS * EPISODES, ROWS), matrices(STEPS * EPISODES, GATES)

    def work() -> None:
        for _ in range(STEPS):
            torch.bmm(percepts, core, out=gates)
            torch.bmm(outputs, heads, out=out)
            torch.bmm(errors, recurrent, out=d_hidden)
        torch.bmm(all_percepts.mT, all_errors)

    return work


def compiled_products(networks: int) -> Callable[[], object]:
    """Return the matrix products of the compiled loops, in their order and on small matrices that stay in the cache."""

    def matrices(*shape: int) -> np.ndarray:
        return np.ones((networks, *shape), np.float32)

    forward = matrices(GATES, ROWS), matrices(ROWS, EPISODES), matrices(GATES, EPISODES)
    heads = matrices(HEADS, UNITS + 1), matrices(UNITS + 1, EPISODES), matrices(HEADS, EPISODES)
    errors = matrices(UNITS, GATES + HEADS), matrices(GATES + HEADS, EPISODES), matrices(UNITS, EPISODES)
    together = AT_ONCE * EPISODES
    weights = matrices(GATES + HEADS, together), matrices(together, ROWS), matrices(GATES + HEADS, ROWS)
    return lambda: _multiply(STEPS, AT_ONCE, forward, heads, errors, weights)


@numba.njit
def _multiply(n_steps, at_once, forward, heads, errors, weights):  # type: ignore[no-untyped-def]
    n_networks = len(forward[0])
    for _ in range(n_steps):
        for n in range(n_networks):
            np.dot(forward[0][n], forward[1][n], forward[2][n])
            np.dot(heads[0][n], heads[1][n], heads[2][n])
    for n in range(n_networks):
        for t in range(n_steps):
            np.dot(errors[0][n], errors[1][n], errors[2][n])
            if t % at_once == 0:
                np.dot(weights[0][n], weights[1][n], weights[2][n])
