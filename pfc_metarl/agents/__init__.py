"""Whatever can act: the prefrontal network, and reference animals whose minds we wrote."""

from pfc_metarl.agents.bandits import CorrelatedOptimal, Thompson, UpperConfidence
from pfc_metarl.agents.base import Agent, Percept
from pfc_metarl.agents.bayes_optimal import BayesOptimal, Gittins
from pfc_metarl.agents.extended_state import ExtendedState
from pfc_metarl.agents.hybrid import Hybrid, model_based, model_free
from pfc_metarl.agents.latent_state import LatentState
from pfc_metarl.agents.prefrontal import Prefrontal
from pfc_metarl.agents.simple import Random, WinStayLoseShift

ANIMALS = {
    "model_based": model_based(initial_value=0.0),
    "model_free": model_free(initial_value=0.0),
    "hybrid": Hybrid(initial_value=0.0),
    "latent_state": LatentState(),
    "soft_observer": LatentState(inverse_temperature=5 / (0.6 * 0.8)),
    "extended_state": ExtendedState(),
    "win_stay_lose_shift": WinStayLoseShift(),
    "random": Random(),
}
"""The reference animals of the two-step task, with the parameters of the science sheet's table.

The soft observer is the latent-state animal with a softmax of gain 5 on the difference in belief, which is
(2 p_common - 1)(p_reward_good - p_reward_bad) times smaller in value: without lapses no regression has a finite fit.
"""

BANDIT_ANIMALS = {
    "bayes_optimal": BayesOptimal(),
    "gittins": Gittins(),
    "thompson": Thompson(),
    "ucb": UpperConfidence(),
    "correlated_optimal": CorrelatedOptimal(),
    "random": Random(),
}
"""The reference animals of the bandit task; all but the last but one expect independent arms."""

__all__ = [
    "ANIMALS",
    "BANDIT_ANIMALS",
    "Agent",
    "BayesOptimal",
    "CorrelatedOptimal",
    "ExtendedState",
    "Gittins",
    "Hybrid",
    "LatentState",
    "Percept",
    "Prefrontal",
    "Random",
    "Thompson",
    "UpperConfidence",
    "WinStayLoseShift",
    "model_based",
    "model_free",
]
