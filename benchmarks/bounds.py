"""What a training step costs at least: its matrix products alone, by torch and by the BLAS of the compiled loops."""

from collections.abc import Callable

import numba
import numpy as np
import torch

STEPS, EPISODES, UNITS, INPUTS, HEADS = 200, 16, 48, 6, 3
AT_ONCE = 5
"""Steps in one product for the weights, as in the compiled loops."""


def products(networks: int, device: str = "cpu", units: int = UNITS) -> Callable[[], object]:
    """Return the matrix products of one training step for all episodes of a cohort by torch, and nothing else."""
    n_rows, n_gates = INPUTS + units + 1, 4 * units

    def matrices(*shape: int) -> torch.Tensor:
        return torch.randn(networks, *shape, device=device)

    percepts, core = matrices(EPISODES, n_rows), matrices(n_rows, n_gates)
    outputs, heads = matrices(EPISODES, units + 1), matrices(units + 1, HEADS)
    errors, recurrent = matrices(EPISODES, n_gates), matrices(n_gates, units)
    gates, out, d_hidden = torch.empty_like(errors), matrices(EPISODES, HEADS), matrices(EPISODES, units)
    all_percepts, all_errors = matrices(STEPS * EPISODES, n_rows), matrices(STEPS * EPISODES, n_gates)

    def work() -> None:
        for _ in range(STEPS):
            torch.bmm(percepts, core, out=gates)
            torch.bmm(outputs, heads, out=out)
            torch.bmm(errors, recurrent, out=d_hidden)
        torch.bmm(all_percepts.mT, all_errors)

    return work


def compiled_products(networks: int) -> Callable[[], object]:
    """Return the matrix products of the compiled loops, in their order and on small matrices that stay in the cache."""

    n_rows, n_gates = INPUTS + UNITS + 1, 4 * UNITS

    def matrices(*shape: int) -> np.ndarray:
        return np.ones((networks, *shape), np.float32)

    forward = matrices(n_gates, n_rows), matrices(n_rows, EPISODES), matrices(n_gates, EPISODES)
    heads = matrices(HEADS, UNITS + 1), matrices(UNITS + 1, EPISODES), matrices(HEADS, EPISODES)
    errors = matrices(UNITS, n_gates + HEADS), matrices(n_gates + HEADS, EPISODES), matrices(UNITS, EPISODES)
    together = AT_ONCE * EPISODES
    weights = matrices(n_gates + HEADS, together), matrices(together, n_rows), matrices(n_gates + HEADS, n_rows)
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
