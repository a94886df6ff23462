"""Meta-reinforcement learning in the prefrontal cortex: train, record and analyse networks that learn to learn.

The names below are imported when they are first used, so ``import pfc_metarl`` is quick.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "check_task": "pfc_metarl.tasks.contract",
    "Task": "pfc_metarl.tasks.base",
    "Experiment": "pfc_metarl.experiments.base",
    "Learner": "pfc_metarl.learning.a2c",
    "Network": "pfc_metarl.networks.network",
    "open_recording": "pfc_metarl.data.dataset",
    "open_run": "pfc_metarl.runs.run",
    "record": "pfc_metarl.simulation.recording",
    "trials": "pfc_metarl.data.trial_table",
}

__all__ = ["Experiment", "Learner", "Network", "Task", "check_task", "open_recording", "open_run", "record", "trials"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
