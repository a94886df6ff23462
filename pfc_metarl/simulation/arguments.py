"""What can be recorded: arguments of a recording are checked, and the agent is given room for the task."""

import inspect
from typing import Any

from pfc_metarl.agents.base import Agent
from pfc_metarl.agents.prefrontal import Prefrontal
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks.base import Task


def require_recordable(task: Any, agent: Any, intervene: Any = None) -> None:
    """Check that an agent can be recorded in a task.

    Raises
    ------
    BadInput
        If one of them is something else, or the networks were trained with other channels or actions.
    """
    if not isinstance(task, Task):
        raise BadInput(f"task = {_short(task)}: give a task, such as pfc_metarl.tasks.TwoStep().")
    if not callable(getattr(agent, "act", None)):
        raise BadInput(f"agent = {_short(agent)}: give an agent; pfc_metarl.load(run) returns that of a run.")
    if intervene is not None and not _takes_two(intervene):
        raise BadInput(
            f"intervene = {_short(intervene)}: give one function of percept and state; an edit such as silence([3]) "
            'becomes one by pfc_metarl.simulation.interventions.Edited("NAME", EDIT).'
        )
    if isinstance(agent, Prefrontal):
        _require_sizes(task, agent)


def _require_sizes(task: Task, agent: Prefrontal) -> None:
    sizes = (("channels", task.channel_names, agent.n_channels), ("actions", task.action_names, agent.n_actions))
    for what, names, trained in sizes:
        if len(names) != trained:
            raise BadInput(f"task: it has {len(names)} {what}, the networks were trained with {trained}.")


def with_room(agent: Agent, task: Task) -> Agent:
    """Return an agent that can live through the steps of a task: networks keep the activity of all of them."""
    if not isinstance(agent, Prefrontal) or task.n_steps <= agent.n_steps:
        return agent
    sizes = agent.n_channels, agent.n_actions, task.n_steps
    return Prefrontal(agent.network, agent.weights, *sizes, agent.discount)


def _takes_two(value: Any) -> bool:
    try:
        inspect.signature(value).bind(None, None)
    except TypeError:
        return False
    except ValueError:  # its arguments are not known
        pass
    return callable(value)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else type(value).__name__
