"""Whatever can act: the prefrontal network, and reference animals whose minds we wrote."""

from pfc_metarl.agents.bandits import CorrelatedOptimal, Thompson, UpperConfidence
from pfc_metarl.agents.base import Agent, Percept
from pfc_metarl.agents.bayes_optimal import BayesOptimal, Gittins
from pfc_metarl.agents.hybrid import Hybrid, model_based, model_free
from pfc_metarl.agents.latent_state import LatentState
from pfc_metarl.agents.object_learner import ObjectLearner
from pfc_metarl.agents.prefrontal import Prefrontal
from pfc_metarl.agents.simple import Random, WinStayLoseShift

ANIMALS = {
    "model_based": model_based(initial_value=0.0),
    "model_free": model_free(initial_value=0.0),
    "hybrid": Hybrid(initial_value=0.0),
    "latent_state": LatentState(),
    "win_stay_lose_shift": WinStayLoseShift(),
    "random": Random(),
}
"""The reference animals of the two-step task, with the parameters of the science sheet's table."""

BANDIT_ANIMALS = {
    "bayes_optimal": BayesOptimal(),
    "gittins": Gittins(),
    "thompson": Thompson(),
    "ucb": UpperConfidence(),
    "correlated_optimal": CorrelatedOptimal(),
    "random": Random(),
}
"""The reference animals of the bandit task; all but the last but one expect independent arms."""

HARLOW_ANIMALS = {
    "object_learner": ObjectLearner(),
    "win_stay": ObjectLearner(shifts=False),
    "random": Random(),
}
"""The reference animals of Harlow's task: one that has learned to learn, one that learns by rewards only, chance."""

__all__ = [
    "ANIMALS",
    "BANDIT_ANIMALS",
    "HARLOW_ANIMALS",
    "Agent",
    "BayesOptimal",
    "CorrelatedOptimal",
    "Gittins",
    "Hybrid",
    "LatentState",
    "ObjectLearner",
    "Percept",
    "Prefrontal",
    "Random",
    "Thompson",
    "UpperConfidence",
    "WinStayLoseShift",
    "model_based",
    "model_free",
]
