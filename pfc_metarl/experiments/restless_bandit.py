"""The restless bandit of Wang et al. 2016: activity learns faster where payoffs drift faster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pfc_metarl import fitting, measures
from pfc_metarl.experiments.base import Experiment, Headline, Probe
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_RESTLESS_BANDIT
from pfc_metarl.learning.a2c import A2C
from pfc_metarl.networks.network import Network
from pfc_metarl.tasks import RestlessBandit

if TYPE_CHECKING:
    import xarray as xr

BEST_RATE = 0.2
"""The fixed learning rate with the smallest regret in this task: benchmarks/recipe.md. In the paper it is 0.5."""


def results(recordings: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Measure regret, and the learning rates of slow and of fast episodes."""
    test = recordings["test"]
    return {
        "regret": measures.cumulative_regret(test),
        "rate": learning_rates(test),
        "models": fitting.rate_comparison(test, "volatile", BEST_RATE),
    }


def learning_rates(recording: xr.Dataset) -> xr.Dataset:
    """Return the fit of slow and of fast episodes, and the learning rate in fast minus that in slow ones."""
    fit = fitting.rescorla_wagner_fit(recording, condition="volatile")
    rate = fit["estimate"].sel(parameter="learning_rate", drop=True)
    return fit.assign(learning_rate=rate, rise=rate.sel(volatile=1, drop=True) - rate.sel(volatile=0, drop=True))


AGENTS = {
    "ideal observer": "drift_observer",
    "fixed rate": "rescorla_wagner",
    "Thompson, one volatility": "known_volatility",
    "chance": "random",
}

EXPERIMENT = Experiment(
    claim="A network with frozen weights learns faster in episodes in which payoffs drift faster.",
    # Two arms, p and 1 - p, slow or fast drift, hidden; 100 trials: Wang et al. 2016, section 3.1.5. Speeds: ours.
    task=RestlessBandit(n_trials=100, slow_sd=0.02, fast_sd=0.2),
    network=Network(core="lstm", units=48),
    # Ours: benchmarks/recipe.md.
    learner=A2C(
        updates=1000,
        episodes=16,
        optimiser="adam",
        initial_learning_rate=0.02,
        final_learning_rate=4e-4,
        discount=0.5,
        value_cost=0.05,
        initial_entropy_cost=0.1,
        final_entropy_cost=0.0,
        max_gradient_norm=1.0,
    ),
    networks=8,
    probes={
        "test": Probe(
            episodes=300,
            only=("p_reward", "policy", "value", "rpe", "hidden", "volatile"),
            reference_agents=REFERENCE_AGENTS_RESTLESS_BANDIT,
            untrained=True,
        )
    },
    measures=results,
    headlines=(
        Headline(
            label="regret",
            measure="regret",
            variable="regret",
            expected="ideal observer 6.5, best fixed rate 7.0, chance 25",
            criterion=(None, 7.5),
            reference=AGENTS,
            null=("known_volatility", "untrained"),
        ),
        Headline(
            label="learning rate, slow",
            measure="rate",
            variable="learning_rate",
            at={"volatile": 0},
            expected="below the fast one",
        ),
        Headline(
            label="learning rate, fast",
            measure="rate",
            variable="learning_rate",
            at={"volatile": 1},
            expected="above the slow one",
        ),
        Headline(
            label="learning rate, fast − slow",
            measure="rate",
            variable="rise",
            expected="above 0; learner with a fixed rate 0",
            criterion=(0.06, None),
            reference=AGENTS,
            null=("rescorla_wagner", "known_volatility"),
        ),
        Headline(
            label="BIC, fixed − fitted learning rate",
            measure="models",
            variable="gain",
            expected="above 0; learner with a fixed rate below 0",
            criterion=(0.0, None),
            reference=AGENTS,
            null=("rescorla_wagner", "known_volatility"),
        ),
    ),
)
