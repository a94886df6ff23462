"""All tasks of the package."""

from pfc_metarl.tasks.bandit import Bandit
from pfc_metarl.tasks.base import Task
from pfc_metarl.tasks.foraging import Foraging
from pfc_metarl.tasks.harlow_objects import HarlowObjects
from pfc_metarl.tasks.harlow_pixels import HarlowPixels
from pfc_metarl.tasks.inferred_value import InferredValue
from pfc_metarl.tasks.informative_arm import InformativeArm
from pfc_metarl.tasks.maze import Maze
from pfc_metarl.tasks.restless_bandit import RestlessBandit
from pfc_metarl.tasks.risky_lever import RiskyLever
from pfc_metarl.tasks.two_step import TwoStep
from pfc_metarl.tasks.two_step_reversing import TwoStepReversing
from pfc_metarl.tasks.volatility import Volatility

TASKS: tuple[type[Task], ...] = (
    Bandit,
    Foraging,
    HarlowObjects,
    HarlowPixels,
    InferredValue,
    InformativeArm,
    Maze,
    RestlessBandit,
    RiskyLever,
    TwoStep,
    TwoStepReversing,
    Volatility,
)
"""The tasks of the package, each usable with its defaults."""
