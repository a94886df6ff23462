"""Whatever can act: the prefrontal network, and reference animals whose minds we wrote."""

from pfc_metarl.agents.bandits import CorrelatedOptimal, Thompson, UpperConfidence
from pfc_metarl.agents.base import Agent, Percept
from pfc_metarl.agents.bayes_optimal import BayesOptimal, Gittins
from pfc_metarl.agents.hybrid import Hybrid, model_based, model_free
from pfc_metarl.agents.inferred_value import CueLearner, ReversalObserver
from pfc_metarl.agents.latent_state import LatentState
from pfc_metarl.agents.prefrontal import Prefrontal
from pfc_metarl.agents.rescorla_wagner import RescorlaWagner
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

INFERRED_VALUE_ANIMALS = {
    "reversal_observer": ReversalObserver(),
    "cue_learner": CueLearner(),
    "random": Random(),
}
"""The reference animals of the reversal task: one infers, one does not, and one has no values."""

LEVER_ANIMALS = {"rescorla_wagner": RescorlaWagner(), "random": Random()}
"""The reference animals of the risky lever task; only the first can be stimulated."""

__all__ = [
    "ANIMALS",
    "BANDIT_ANIMALS",
    "INFERRED_VALUE_ANIMALS",
    "LEVER_ANIMALS",
    "Agent",
    "BayesOptimal",
    "CorrelatedOptimal",
    "CueLearner",
    "Gittins",
    "Hybrid",
    "LatentState",
    "Percept",
    "Prefrontal",
    "Random",
    "RescorlaWagner",
    "ReversalObserver",
    "Thompson",
    "UpperConfidence",
    "WinStayLoseShift",
    "model_based",
    "model_free",
]
