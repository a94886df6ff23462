"""What can be recorded: the arguments of a recording are checked."""

from typing import Any

from pfc_metarl.agents.base import Agent
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.interventions import NamedEdit
from pfc_metarl.tasks.base import Task
from pfc_metarl.tasks.contract import not_a_task

MEMBERS = tuple(name for name in vars(Agent) if not name.startswith("_"))
"""What an agent has; isinstance would not see what an agent hands on from another by ``__getattr__``."""


def require_recordable(task: Any, agent: Any, intervene: Any = None) -> None:
    """Check that an agent can be recorded in a task.

    Raises
    ------
    BadInput
        If one of them is something else.
    """
    if not isinstance(task, Task):
        raise BadInput(f"task = {_short(task)}: {not_a_task(task)}.")
    if not all(hasattr(agent, name) for name in MEMBERS):
        raise BadInput(f"agent = {_short(agent)}: give an agent; pfc_metarl.load(run) returns that of a run.")
    if isinstance(intervene, NamedEdit) or not (intervene is None or callable(intervene)):
        raise BadInput(
            f"intervene = {_short(intervene)}: give a function of percept and state; an edit such as silence([3]) "
            'becomes one by pfc_metarl.simulation.interventions.Edited("NAME", EDIT).'
        )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else type(value).__name__
