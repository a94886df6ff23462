"""Parameters of the reference agents: simulated learners that are recorded beside the networks, by task."""

from typing import Any

from pfc_metarl.agents import (
    Alternation,
    BaitObserver,
    BayesianLearner,
    BayesOptimal,
    CoinToss,
    CorrelatedOptimal,
    CueLearner,
    ExtendedState,
    Gittins,
    Hybrid,
    LatentState,
    LeverLearner,
    LocalMatching,
    ObjectLearner,
    Random,
    RescorlaWagner,
    ReversalObserver,
    Thompson,
    UpperConfidence,
    WinStayLoseShift,
    model_based,
    model_free,
)
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

REFERENCE_AGENTS_TWO_STEP = {
    "model_based": model_based(initial_value=0.0),
    "model_free": model_free(initial_value=0.0),
    "extended_state": ExtendedState(),
    "hybrid": Hybrid(initial_value=0.0),
    "latent_state": LatentState(),
    "soft_observer": LatentState(inverse_temperature=5 / (0.6 * 0.8)),
    "win_stay_lose_shift": WinStayLoseShift(),
    "random": Random(),
}
"""Of the two-step task, with the parameters of the science sheet's table.

The soft observer is the latent-state agent with a softmax of gain 5 on the difference in belief, which is
(2 p_common - 1)(p_reward_good - p_reward_bad) times smaller in value: without lapses no regression has a finite fit.
"""

REFERENCE_AGENTS_BANDIT = {
    "bayes_optimal": BayesOptimal(),
    "gittins": Gittins(),
    "thompson": Thompson(),
    "ucb": UpperConfidence(),
    "correlated_optimal": CorrelatedOptimal(),
    "random": Random(),
}
"""Of the bandit task. All but `CorrelatedOptimal` and `Random` assume independent arms."""

REFERENCE_AGENTS_FORAGING = {
    "observer": BaitObserver(),
    "local_matching": LocalMatching(),
    "alternation": Alternation(),
    "random": CoinToss(),
}
"""Of baited foraging. The observer is near the optimum."""

REFERENCE_AGENTS_HARLOW = {
    "object_learner": ObjectLearner(),
    "win_stay": ObjectLearner(shifts=False),
    "random": Random(),
}
"""Of Harlow's task: an agent that has learned to learn, one that repeats rewarded choices only, and chance level."""

REFERENCE_AGENTS_INFERRED_VALUE = {
    "reversal_observer": ReversalObserver(),
    "cue_learner": CueLearner(),
    "random": Random(),
}
"""Of the reversal task: the first infers values, the second learns them, and the third has none."""

REFERENCE_AGENTS_RISKY_LEVER = {"lever_learner": LeverLearner(), "random": Random()}
"""Of the risky lever task. Only the lever learner can be stimulated."""

REFERENCE_AGENTS_VOLATILITY = {
    "bayesian_learner": BayesianLearner(),
    "fixed_volatility": BayesianLearner(n_v=2, n_k=2, v_range=(-3.01, -2.99), k_range=(-20.0, -19.0)),
    "rescorla_wagner": RescorlaWagner(),
    "random": Random(),
}
"""Of the volatility task. The second assumes a known volatility, v = −3, and never revises it."""

REFERENCE_AGENTS_OF: dict[type[Task], dict[str, Any]] = {
    Bandit: REFERENCE_AGENTS_BANDIT,
    Foraging: REFERENCE_AGENTS_FORAGING,
    HarlowObjects: REFERENCE_AGENTS_HARLOW,
    HarlowPixels: {"random": Random()},
    InferredValue: REFERENCE_AGENTS_INFERRED_VALUE,
    RiskyLever: REFERENCE_AGENTS_RISKY_LEVER,
    TwoStep: REFERENCE_AGENTS_TWO_STEP,
    Volatility: REFERENCE_AGENTS_VOLATILITY,
}
"""The reference agents of each task."""
