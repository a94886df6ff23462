"""Parameters of the reference agents: simulated learners recorded in the same worlds as the networks, by task."""

from typing import Any

from pfc_metarl.agents import Random, TrialAgent, agent_of
from pfc_metarl.agents.maze import MazePlanner
from pfc_metarl.models import (
    Alternation,
    BaitObserver,
    BayesianLearner,
    BayesOptimal,
    CoinToss,
    CorrelatedOptimal,
    DriftObserver,
    EpsilonGreedy,
    ExtendedState,
    FiniteHorizonGittins,
    Gittins,
    Hybrid,
    KalmanFilter,
    LatentState,
    LocalMatching,
    Model,
    RescorlaWagner,
    ReversalObserver,
    TargetSearch,
    Thompson,
    TransitionLearner,
    TransitionObserver,
    UpperConfidence,
    VolatilityObserver,
    WinStayLoseShift,
    model_based,
    model_free,
)
from pfc_metarl.models.base import CERTAIN
from pfc_metarl.tasks import (
    Bandit,
    Foraging,
    HarlowObjects,
    HarlowPixels,
    InferredValue,
    InformativeArm,
    Maze,
    RestlessBandit,
    RiskyLever,
    Task,
    TwoStep,
    TwoStepReversing,
    Volatility,
)


def _agents(task: type[Task], **models: Model) -> dict[str, Any]:
    return {**{name: agent_of(model, task) for name, model in models.items()}, "random": Random()}


REFERENCE_AGENTS_TWO_STEP = _agents(
    TwoStep,
    model_based=model_based(initial_value=0.0),
    model_free=model_free(initial_value=0.0),
    extended_state=ExtendedState(),
    hybrid=Hybrid(initial_value=0.0),
    latent_state=LatentState(),
    soft_observer=LatentState(inverse_temperature=5 / (0.6 * 0.8)),
    win_stay_lose_shift=WinStayLoseShift(),
)
"""Of the two-step task, with the parameters of the science sheet's table.

The soft observer is the latent-state agent with a softmax of gain 5 on the difference in belief, which is
(2 p_common - 1)(p_reward_good - p_reward_bad) times smaller in value: without lapses no regression has a finite fit.
"""

REFERENCE_AGENTS_TWO_STEP_REVERSING = _agents(
    TwoStepReversing,
    observer=TransitionObserver(),
    soft_observer=TransitionObserver(inverse_temperature=5 / (0.6 * 0.8)),
    model_based=TransitionLearner(initial_value=0.0),
    model_free=model_free(initial_value=0.0),
    latent_state=LatentState(),
    extended_state=ExtendedState(practised=False),
)
"""Of the two-step task with reversing transitions.

The observer is the optimum. The latent-state agent infers which state is good, and takes the transitions as fixed. The
extended-state agent has no practice, since no habit is right in both of the transitions.
"""

REFERENCE_AGENTS_BANDIT = _agents(
    Bandit,
    bayes_optimal=BayesOptimal(),
    finite_horizon_gittins=FiniteHorizonGittins(),
    gittins=Gittins(),
    thompson=Thompson(),
    ucb=UpperConfidence(),
    ucb1=UpperConfidence(chi=2.0),
    epsilon_greedy=EpsilonGreedy(),
    rescorla_wagner=RescorlaWagner(unchosen="kept", learning_rate=0.1, inverse_temperature=100.0),
    correlated_optimal=CorrelatedOptimal(),
)
"""Of the bandit task. All but the last and `Random` assume independent arms.

The learning rate and the inverse temperature have the smallest regret on independent arms: benchmarks/recipe.md.
"""

REFERENCE_AGENTS_FORAGING = {
    **_agents(Foraging, observer=BaitObserver(), local_matching=LocalMatching(), alternation=Alternation()),
    "random": agent_of(CoinToss(), Foraging),
}
"""Of baited foraging. The observer is near the optimum; the random one answers the fixation point."""

REFERENCE_AGENTS_HARLOW = _agents(
    HarlowObjects,
    object_learner=WinStayLoseShift(inverse_temperature=CERTAIN),
    win_stay=WinStayLoseShift(inverse_temperature=CERTAIN, shifts=False),
)
"""Of Harlow's task: an agent that has learned to learn, one that repeats rewarded choices only, and chance level."""


def cue_learner(discount: float) -> TrialAgent:
    """Return the model-free learner of the reversal task, with a value for each target that only its outcomes change.

    Its learning rate is high, so that one outcome is enough to reverse the value of the target that was seen.
    """
    model = RescorlaWagner(unchosen="kept", learning_rate=0.8, initial_value=0.5)
    return agent_of(model, InferredValue, discount=discount)


REFERENCE_AGENTS_INFERRED_VALUE = {
    "reversal_observer": agent_of(ReversalObserver(), InferredValue),
    "cue_learner": cue_learner(discount=0.9),
    "random": Random(),
}
"""Of the reversal task: the first infers values, the second learns them, and the third has none."""

REFERENCE_AGENTS_RISKY_LEVER = _agents(
    RiskyLever,
    lever_learner=RescorlaWagner(unchosen="kept", learning_rate=0.2, inverse_temperature=1.5, initial_value=1.0),
)
"""Of the risky lever task. Only the lever learner can be stimulated; its parameters are ours."""

REFERENCE_AGENTS_VOLATILITY = _agents(
    Volatility,
    bayesian_learner=BayesianLearner(),
    fixed_volatility=BayesianLearner(n_v=2, n_k=2, v_range=(-3.01, -2.99), k_range=(-20.0, -19.0)),
    rescorla_wagner=RescorlaWagner(),
    training_observer=VolatilityObserver(),
)
"""Of the volatility task. The second assumes a known volatility, v = −3, and never revises it; the last is the ideal
observer of the worlds in which networks are trained."""

REFERENCE_AGENTS_INFORMATIVE_ARM = _agents(
    InformativeArm, informed_search=TargetSearch(), search=TargetSearch(informed=False)
)
"""Of the task with an informative arm: the optimum, and the best search without that arm."""

REFERENCE_AGENTS_RESTLESS_BANDIT = _agents(
    RestlessBandit,
    drift_observer=DriftObserver(),
    known_volatility=DriftObserver(sds=(0.1,), rule="thompson"),
    rescorla_wagner=RescorlaWagner(learning_rate=0.2, inverse_temperature=100.0),
    kalman_filter=KalmanFilter(drift_sd=0.08, decay=0.9, uncertainty_bonus=1.0, inverse_temperature=100.0),
    ucb=UpperConfidence(),
)
"""Of the restless bandit: the optimum, Thompson sampling with one fixed volatility, and learners of fixed rate.

The Kalman filter, for which arms are independent, and the Rescorla-Wagner learner have the parameters of the smallest
regret: benchmarks/recipe.md.
"""

REFERENCE_AGENTS_MAZE = {"planner": MazePlanner(), "random": Random()}
"""Of the I-maze: value iteration in the known maze, and chance level."""

REFERENCE_AGENTS_OF: dict[type[Task], dict[str, Any]] = {
    Bandit: REFERENCE_AGENTS_BANDIT,
    Foraging: REFERENCE_AGENTS_FORAGING,
    HarlowObjects: REFERENCE_AGENTS_HARLOW,
    HarlowPixels: {"random": Random()},
    InferredValue: REFERENCE_AGENTS_INFERRED_VALUE,
    InformativeArm: REFERENCE_AGENTS_INFORMATIVE_ARM,
    Maze: REFERENCE_AGENTS_MAZE,
    RestlessBandit: REFERENCE_AGENTS_RESTLESS_BANDIT,
    RiskyLever: REFERENCE_AGENTS_RISKY_LEVER,
    TwoStep: REFERENCE_AGENTS_TWO_STEP,
    TwoStepReversing: REFERENCE_AGENTS_TWO_STEP_REVERSING,
    Volatility: REFERENCE_AGENTS_VOLATILITY,
}
"""The reference agents of each task."""
