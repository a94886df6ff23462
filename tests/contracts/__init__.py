"""Contracts of tasks, agents, learners, measures and recordings; run over the whole package."""

from pfc_metarl.tasks import TASKS, HarlowObjects, HarlowPixels, Task

SMALL = {
    HarlowObjects: {"max_steps": 60, "n_positions": 9},
    HarlowPixels: {
        "max_steps": 20,
        "n_positions": 7,
        "view": 12,
        "picture": 5,
        "pixels_per_position": 2,
        "set_size": 3,
    },
}
"""Settings with which tasks that show or last a lot keep the contract just as well, and sooner."""


def short(task: type[Task], n_trials: int = 8) -> Task:
    """Return a task of a few trials."""
    return task(n_trials=n_trials, **SMALL.get(task, {}))


__all__ = ["SMALL", "TASKS", "short"]
