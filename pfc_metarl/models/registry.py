"""All models of trials of the package."""

from pfc_metarl.models.bandits import CorrelatedOptimal, Thompson, UpperConfidence
from pfc_metarl.models.base import Model
from pfc_metarl.models.bayes_optimal import BayesOptimal, Gittins
from pfc_metarl.models.bayesian_learner import BayesianLearner
from pfc_metarl.models.drift_observer import DriftObserver
from pfc_metarl.models.epsilon_greedy import EpsilonGreedy
from pfc_metarl.models.extended_state import ExtendedState
from pfc_metarl.models.finite_horizon_gittins import FiniteHorizonGittins
from pfc_metarl.models.foraging import Alternation, BaitObserver, CoinToss, LocalMatching
from pfc_metarl.models.hybrid import Hybrid
from pfc_metarl.models.kalman_filter import KalmanFilter
from pfc_metarl.models.latent_state import LatentState
from pfc_metarl.models.mixture_of_agents import MixtureOfAgents
from pfc_metarl.models.rescorla_wagner import RescorlaWagner
from pfc_metarl.models.reversal_observer import ReversalObserver
from pfc_metarl.models.target_search import TargetSearch
from pfc_metarl.models.transition_learner import TransitionLearner
from pfc_metarl.models.transition_observer import TransitionObserver
from pfc_metarl.models.value_learner import ValueLearner
from pfc_metarl.models.volatility_observer import VolatilityObserver
from pfc_metarl.models.win_stay_lose_shift import WinStayLoseShift

MODELS: tuple[type[Model], ...] = (
    Alternation,
    BaitObserver,
    BayesOptimal,
    BayesianLearner,
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
    MixtureOfAgents,
    RescorlaWagner,
    ReversalObserver,
    TargetSearch,
    Thompson,
    TransitionLearner,
    TransitionObserver,
    UpperConfidence,
    ValueLearner,
    VolatilityObserver,
    WinStayLoseShift,
)
"""All models of the package."""
