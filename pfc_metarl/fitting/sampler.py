"""The No-U-Turn sampler of numpyro, on a density that is computed outside JAX."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

Density = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Point [number] -> −log density there, and its slope [number], in double precision."""


class Draws(NamedTuple):
    """What was drawn."""

    values: np.ndarray
    """[chain, draw, number]."""
    r_hat: np.ndarray
    """Split R-hat of each number."""
    n_effective: np.ndarray
    """Size of an independent sample that is as informative, of each number."""
    n_divergent: int
    """Draws whose trajectory left the density's scale."""


def draws_of(density: Density, starts: np.ndarray, n_draws: int, seed: int) -> Draws:
    """Draw from a density, after as many draws of warm-up.

    Parameters
    ----------
    density : callable
        It is called with NumPy arrays; a value that is not finite is a point without density.
    starts : array, shape [chain, number]
    n_draws : int
        Of each chain.
    seed : int
        Of the random numbers of the sampler.
    """
    import jax
    from numpyro.diagnostics import effective_sample_size, split_gelman_rubin
    from numpyro.infer import MCMC, NUTS

    with _double_precision():
        sampler = MCMC(
            NUTS(potential_fn=_in_jax(density)),
            num_warmup=n_draws,
            num_samples=n_draws,
            num_chains=len(starts),
            chain_method="sequential",
            progress_bar=False,
        )
        first = jax.numpy.asarray(starts if len(starts) > 1 else starts[0])
        sampler.run(jax.random.PRNGKey(seed), init_params=first)
        values = np.asarray(sampler.get_samples(group_by_chain=True), dtype=float)
        n_divergent = int(np.asarray(sampler.get_extra_fields()["diverging"]).sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        return Draws(values, split_gelman_rubin(values), effective_sample_size(values), n_divergent)


@contextlib.contextmanager
def _double_precision() -> Iterator[None]:
    """Let JAX compute in double precision, also in the thread in which it calls a density."""
    import jax

    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        yield
    finally:
        jax.config.update("jax_enable_x64", before)


def _in_jax(density: Density) -> Callable[[Any], Any]:
    """Return a density as a function of JAX whose derivative is the slope that the density computes."""
    import jax

    def both(point: Any) -> Any:
        shapes = (jax.ShapeDtypeStruct((), point.dtype), jax.ShapeDtypeStruct(point.shape, point.dtype))
        return jax.pure_callback(lambda x: density(np.asarray(x)), shapes, point, vmap_method="sequential")

    @jax.custom_vjp
    def value(point: Any) -> Any:
        return both(point)[0]

    value.defvjp(both, lambda slope, upstream: (upstream * slope,))
    return value
