"""Whatever can act: the prefrontal network, and reference animals whose minds we wrote."""

from typing import Any

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
from pfc_metarl.tasks import (
    Bandit,
    Foraging,
    HarlowObjects,
    HarlowPixels,
    InferredValue,
    RiskyLever,
    Task,
    TwoStep,
    Volatility,
)

ANIMALS = {
    "model_based": model_based(initial_value=0.0),
    "model_free": model_free(initial_value=0.0),
    "extended_state": ExtendedState(),
    "hybrid": Hybrid(initial_value=0.0),
    "latent_state": LatentState(),
    "soft_observer": LatentState(inverse_temperature=5 / (0.6 * 0.8)),
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

FORAGING_ANIMALS = {
    "observer": BaitObserver(),
    "local_matching": LocalMatching(),
    "alternation": Alternation(),
    "random": CoinToss(),
}
"""The reference animals of baited foraging; the first is near the optimum."""

HARLOW_ANIMALS = {
    "object_learner": ObjectLearner(),
    "win_stay": ObjectLearner(shifts=False),
    "random": Random(),
}
"""The reference animals of Harlow's task: one that has learned to learn, one that learns by rewards only, chance."""

INFERRED_VALUE_ANIMALS = {
    "reversal_observer": ReversalObserver(),
    "cue_learner": CueLearner(),
    "random": Random(),
}
"""The reference animals of the reversal task: one infers, one does not, and one has no values."""

LEVER_ANIMALS = {"lever_learner": LeverLearner(), "random": Random()}
"""The reference animals of the risky lever task; only the first can be stimulated."""

VOLATILITY_ANIMALS = {
    "bayesian_learner": BayesianLearner(),
    "fixed_volatility": BayesianLearner(n_v=2, n_k=2, v_range=(-3.01, -2.99), k_range=(-20.0, -19.0)),
    "rescorla_wagner": RescorlaWagner(),
    "random": Random(),
}
"""The reference animals of the volatility task; the second takes volatility for known, v = −3, and never revises it."""

ANIMALS_OF: dict[type[Task], dict[str, Any]] = {
    Bandit: BANDIT_ANIMALS,
    Foraging: FORAGING_ANIMALS,
    HarlowObjects: HARLOW_ANIMALS,
    HarlowPixels: {"random": Random()},
    InferredValue: INFERRED_VALUE_ANIMALS,
    RiskyLever: LEVER_ANIMALS,
    TwoStep: ANIMALS,
    Volatility: VOLATILITY_ANIMALS,
}
"""The reference animals of each task."""

__all__ = [
    "ANIMALS",
    "ANIMALS_OF",
    "BANDIT_ANIMALS",
    "FORAGING_ANIMALS",
    "HARLOW_ANIMALS",
    "INFERRED_VALUE_ANIMALS",
    "LEVER_ANIMALS",
    "VOLATILITY_ANIMALS",
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
