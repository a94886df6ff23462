"""What a task declares, checked before anything is simulated: names, numbers, and the columns of its trial table."""

from collections.abc import Callable, Sequence
from typing import Any

from pfc_metarl.tasks.base import Task, TrialColumn

MAX_ACTIONS = 128
"""Actions are recorded in eight bits."""

DIMENSIONS = ("network", "episode", "step", "channel", "option", "unit")
"""Axes of recordings."""

RECORDED = (
    *("observation", "action", "reward", "policy", "value", "action_value", "rpe", "rpe_input"),
    *("hidden", "cell"),
)
"""Variables of recordings besides the fields of a task's state, of which only trial and phase are fixed."""

KEYS = ("subject", "session", "trial", "lost")
"""Columns that every trial table has."""

Require = Callable[[bool, str], None]
"""Refuses the task, with what is wrong, unless something holds."""


def check_declarations(task: Task, require: Require) -> None:
    """Check names and numbers of a task."""
    for kind in ("action_names", "channel_names", "phase_names"):
        names = getattr(task, kind)
        unique = len(names) > 0 and len(set(names)) == len(names) and all(isinstance(name, str) for name in names)
        require(unique, f"{kind} = {names!r} must be different strings")
    for kind in ("n_steps", "n_draws", "n_trials"):
        value = getattr(task, kind, None)
        require(isinstance(value, int) and value >= 1, f"{kind} = {value!r} must be a whole number above 0")
    n_actions = len(task.action_names)
    require(n_actions <= MAX_ACTIONS, f"action_names has {n_actions} names; there may be {MAX_ACTIONS} at most")
    for name in task.no_response_actions:
        require(name in task.action_names, f"no_response_actions = {name!r} is not one of its action_names")
    for name in task.phase_names:
        require(";" not in name, f"phase_names = {name!r} must not contain a semicolon")


def check_fields(task: Task, fields: Sequence[str], require: Require) -> None:
    """Check that the fields of a task's state, and their axes, have names of their own in a recording."""
    require("trial" in fields and "phase" in fields, "its state must be a NamedTuple with trial and phase")
    for name in fields:
        require(
            name not in (*RECORDED, *DIMENSIONS),
            f"state field {name} has a name that every recording uses; give it another one",
        )
    for name, axes in task.field_dims.items():
        require(name in fields, f"field_dims has {name!r}, but its state has no such field")
        for axis in axes:
            taken = axis in (*RECORDED, *fields, "network", "episode", "step")
            require(not taken, f"field_dims of {name}: the axis {axis!r} has the name of something else")


def check_columns(task: Task, fields: Sequence[str], require: Require) -> None:
    """Check that the columns of a task's trial table can be read."""
    for name, declared in task.trial_columns.items():
        column = _column(declared)
        require(column is not None, f"trial_columns[{name!r}] = {declared!r} must be a TrialColumn")
        if column is not None:
            _check_column(task, name, column, fields, require)


def _column(declared: Any) -> TrialColumn | None:
    try:
        return TrialColumn(*declared)
    except TypeError:
        return None


def _check_column(task: Task, name: str, column: TrialColumn, fields: Sequence[str], require: Require) -> None:
    where = f"trial_columns[{name!r}]"
    plain = isinstance(name, str) and name != "" and " = " not in name and name not in KEYS
    require(plain, f"{where}: this is not the name of a column of its own")
    known = ("action", "reward", "observation", *fields)
    require(
        column.variable in known, f"{where} reads {column.variable!r}, which is not one of {', '.join(sorted(known))}"
    )
    require(
        column.phase is None or column.phase in task.phase_names,
        f"{where} is read at {column.phase!r}, which is not one of its phase_names, {', '.join(task.phase_names)}",
    )
    require(column.read in (None, "first", "last", "sum"), f"{where}: read = {column.read!r} is not first, last or sum")
    require(
        isinstance(column.codes, tuple) and not any("," in str(code) or ";" in str(code) for code in column.codes),
        f"{where}: codes = {column.codes!r} must be a tuple of names without comma or semicolon",
    )
    axes = 1 if column.variable == "observation" else len(task.field_dims.get(column.variable, ()))
    further = 0 if column.response or column.variable == "action" or column.codes else 1
    require(axes <= further, f"{where}: {column.variable} has {axes} more axes than a column can hold")
