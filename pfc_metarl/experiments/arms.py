"""The five distributions of arms of Wang et al. 2016, each of which networks are trained on, and all tested on."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pfc_metarl import measures
from pfc_metarl.experiments.base import Experiment, Headline, Probe

if TYPE_CHECKING:
    import xarray as xr

ARMS: dict[str, dict[str, Any]] = {
    "independent": {"arms": "independent", "p_first": ()},
    "uniform": {"arms": "correlated", "p_first": ()},
    "easy": {"arms": "correlated", "p_first": (0.1, 0.9)},
    "medium": {"arms": "correlated", "p_first": (0.25, 0.75)},
    "hard": {"arms": "correlated", "p_first": (0.4, 0.6)},
}
"""Name -> settings of the bandit. Wang et al. 2016, arXiv:1611.05763, section 3.1.3: D_i, D_u, D_e, D_m, D_h."""

EPISODES = 1000
"""Test episodes of each cell of the matrix; with 300, noise alone gives regrets a standard error of 0.1."""

OWN_EPISODES = 5000
"""Test episodes on the distribution of the training, where criteria hold for single networks.

On hard arms the regret of one network has a standard error of 0.12 in 1000 episodes, more than networks differ by.
"""


def probes() -> dict[str, Probe]:
    """Return a probe for each distribution; networks trained on different ones meet the same worlds in it."""
    return {f"arms_{name}": Probe(episodes=EPISODES, changes=arms, only=("p_reward",)) for name, arms in ARMS.items()}


def more_episodes(probes: Mapping[str, Probe], name: str) -> dict[str, Probe]:
    """Return the probes with `OWN_EPISODES` on the distribution of a name."""
    own = f"arms_{name}"
    return {**probes, own: dataclasses.replace(probes[own], episodes=OWN_EPISODES)}


def regrets(recordings: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Measure the regret on each distribution that was recorded."""
    recorded = [name for name in ARMS if f"arms_{name}" in recordings]
    return {f"regret_{name}": measures.cumulative_regret(recordings[f"arms_{name}"]) for name in recorded}


OPTIMA = {"independent": "1.75", "uniform": "1.22", "easy": "0.63", "medium": "1.00", "hard": "2.31"}
"""Exact regret of the learner that is optimal for each distribution: `pfc_metarl.models.exact_regret`."""


def headlines(null: str, **criteria: float) -> tuple[Headline, ...]:
    """Return the regret on each distribution as headlines.

    Parameters
    ----------
    null : str
        The reference agent that lacks what the criteria show.
    **criteria : float
        Highest regret that reaches the claim, by the name of the arms.
    """
    return tuple(
        Headline(
            label=f"regret on {name} arms",
            measure=f"regret_{name}",
            variable="regret",
            expected=f"optimum {OPTIMA[name]}",
            criterion=(None, criteria[name]) if name in criteria else None,
            null=(null,) if name in criteria else (),
        )
        for name in ARMS
    )


EARLY = 10
"""Trials that count as early, where Wang et al. 2016 say that training on correlated arms makes learning faster."""


def many_networks(experiment: Experiment, own: str) -> Experiment:
    """Return the experiment with 32 networks, tested on uniform arms for their early trials, and on those of training.

    Networks 0 to 7 are those of the experiment itself, which a hypothesis about early trials was taken from. It is
    tested in the other 24.

    Parameters
    ----------
    experiment : Experiment
    own : str
        Name of the arms of training, of `ARMS`.
    """
    expected = "known correlation 0.67, Bayes-optimal 0.74, chance 2.5"  # exact, `pfc_metarl.models.exact_regret`
    early = Headline(
        label=f"regret on uniform arms, first {EARLY} trials",
        measure="regret_uniform",
        variable="cumulative_regret",
        at={"trial": EARLY - 1},
        expected=expected,
    )
    of_training = Headline(
        label=f"regret on {own} arms", measure=f"regret_{own}", variable="regret", expected=f"optimum {OPTIMA[own]}"
    )
    return dataclasses.replace(
        experiment,
        claim="A control: 32 networks, tested on uniform anticorrelated arms, for their first ten trials, and on arms "
        "as in training.",
        networks=32,
        probes={name: probe for name, probe in probes().items() if name in {"arms_uniform", f"arms_{own}"}},
        measures=regrets,
        reference_measures=None,
        headlines=(early, of_training),
        variant=True,
    )
