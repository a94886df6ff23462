"""Whatever can act: the prefrontal network, and reference agents."""

from pfc_metarl.agents.bandits import CorrelatedOptimal, Thompson, UpperConfidence
from pfc_metarl.agents.base import Agent, Percept
from pfc_metarl.agents.bayes_optimal import BayesOptimal, Gittins
from pfc_metarl.agents.bayesian_learner import BayesianLearner
from pfc_metarl.agents.extended_state import ExtendedState
from pfc_metarl.agents.foraging import Alternation, BaitObserver, CoinToss, LocalMatching
from pfc_metarl.agents.hybrid import Hybrid, model_based, model_free
from pfc_metarl.agents.inferred_value import CueLearner, ReversalObserver
from pfc_metarl.agents.latent_state import LatentState
from pfc_metarl.agents.lever_learner import LeverLearner
from pfc_metarl.agents.object_learner import ObjectLearner
from pfc_metarl.agents.prefrontal import Prefrontal
from pfc_metarl.agents.rescorla_wagner import RescorlaWagner
from pfc_metarl.agents.simple import Random, WinStayLoseShift

__all__ = [
    "Agent",
    "Alternation",
    "BaitObserver",
    "BayesOptimal",
    "BayesianLearner",
    "CoinToss",
    "CorrelatedOptimal",
    "CueLearner",
    "ExtendedState",
    "Gittins",
    "Hybrid",
    "LatentState",
    "LeverLearner",
    "LocalMatching",
    "ObjectLearner",
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
