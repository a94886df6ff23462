"""The contract of a task as a test: `check_task` reports a violation in one sentence."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from pfc_metarl.settings import BadInput, shown
from pfc_metarl.tasks.base import State, Task
from pfc_metarl.tasks.declarations import check_columns, check_declarations, check_fields

N_NETWORKS, N_EPISODES = 2, 32


def not_a_task(given: Any) -> str:
    """Return what should be given instead of something that is not a task.

    Examples
    --------
    >>> from pfc_metarl.tasks import TwoStep
    >>> not_a_task(TwoStep)
    'this is a class; give a task, TwoStep()'
    """
    if isinstance(given, type) and issubclass(given, Task):
        return f"this is a class; give a task, {given.__name__}()"
    if isinstance(getattr(given, "task", None), Task):
        return "this is not a task, but has one; give its .task"
    return (
        "this is not a task; give one, such as pfc_metarl.tasks.TwoStep(), or derive yours from pfc_metarl.tasks.Task"
    )


def check_task(task: Task, seed: int = 0) -> None:
    """Put a task through the contract.

    Episodes are simulated with random actions, some of them twice with the same noise. Checked: names and widths agree
    and can be recorded; columns of the trial table can be read; state fields and rewards have the right shapes and
    finite values; trial and phase stay in range, and trials are counted upwards; no more random numbers are used than
    n_draws; arguments, above all the state, are not changed, and results do not change later; the same noise
    makes the same world; worlds with different noise differ; no world depends on another's noise.

    Parameters
    ----------
    task : Task
    seed : int
        Of the noise.

    Raises
    ------
    BadInput
        With a sentence that names the task and the first violation.

    Examples
    --------
    >>> from pfc_metarl.tasks import TwoStep
    >>> check_task(TwoStep(n_trials=3))
    """
    if not isinstance(task, Task):
        raise BadInput(f"task = {shown(task)}: {not_a_task(task)}.")
    _Check(task, seed).run()


class _Check:
    def __init__(self, task: Task, seed: int) -> None:
        self.task, self.name = task, type(task).__name__
        self.generator = torch.Generator().manual_seed(seed)

    def run(self) -> None:
        check_declarations(self.task, self._require)
        shape = (self.task.n_steps + 1, N_NETWORKS, N_EPISODES)
        noise = torch.rand(*shape, self.task.n_draws, generator=self.generator)
        actions = torch.randint(len(self.task.action_names), shape[1:], generator=self.generator)
        actions = torch.stack([actions.roll(t) for t in range(self.task.n_steps)])
        first, second = self._simulated(noise.clone(), actions.clone()), self._simulated(noise, actions)
        for t, (one, other) in enumerate(zip(first, second, strict=True)):
            self._require(_same(one, other), f"step {t} differs between two episodes with the same noise and actions")
        other_noise = noise.clone()
        other_noise[:, -1, -1] = torch.rand(noise[:, -1, -1].shape, generator=self.generator)
        for t, (one, other) in enumerate(zip(first, self._simulated(other_noise, actions), strict=True)):
            self._require(_same(_but_last(one), _but_last(other)), f"at step {t} one world depends on another's noise")
        observed = torch.stack([observation for observation, _, _ in first]).flatten(0, -2)
        rewards = torch.stack([reward for _, reward, _ in first])
        varied = len(observed.unique(dim=0)) > 1 or rewards.unique().numel() > 1
        self._require(varied, "nothing ever changes: every observation and every reward is the same")
        alike = self._simulated(noise, actions[:, :1, :1].expand_as(actions).clone())
        fields = [field.flatten(0, 1) for *shown, state in alike for field in (*shown, *_tensors(state))]
        differs = any(len(field.unique(dim=0)) > 1 for field in fields)
        self._require(differs, "all worlds are the same although their noise differs")

    def _require(self, holds: bool, wrong: str) -> None:
        if not holds:
            raise BadInput(f"Task {self.name} breaks the contract: {wrong}.")

    def _simulated(self, noise: Tensor, actions: Tensor) -> list[tuple[Tensor, Tensor, State]]:
        handed_in = noise.clone(), actions.clone()
        state = self._called(self.task.begin, noise[0])
        self._check_fields(state)
        moments: list[tuple[Tensor, Tensor, State]] = []
        copies = []
        for t, action in enumerate(actions):
            self._check_state(state, t, moments[-1][-1] if moments else state)
            before = [tensor.clone() for tensor in _tensors(state)]
            observation = self.task.observe(state)
            self._check_tensor(observation, f"observation at step {t}", (len(self.task.channel_names),))
            next_state, reward = self._called(self.task.step, state, action, noise[t + 1])
            self._check_tensor(reward, f"reward at step {t}", ())
            moments.append((observation, reward, state))
            copies.append((observation.clone(), reward.clone(), *before))
            state = next_state
        untouched = torch.equal(noise, handed_in[0]) and torch.equal(actions, handed_in[1])
        self._require(untouched, "its arguments noise or action were changed")
        for t, ((observation, reward, before), then) in enumerate(zip(moments, copies, strict=True)):
            now = (observation, reward, *_tensors(before))
            same = all(torch.equal(a, b) for a, b in zip(now, then, strict=True))
            self._require(same, f"results of step {t} were changed later")
        return moments

    def _called(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function of the task; an index that is too large is most often that of a random number."""
        try:
            return function(*arguments)
        except IndexError as error:
            raise BadInput(
                f"Task {self.name} breaks the contract: {function.__name__} uses an index that is not there ({error}); "
                f"n_draws = {self.task.n_draws} random numbers are given, from noise[..., 0] on."
            ) from error

    def _check_fields(self, state: State) -> None:
        fields = getattr(state, "_fields", ())
        check_fields(self.task, fields, self._require)
        check_columns(self.task, fields, self._require)

    def _check_state(self, state: State, t: int, before: State) -> None:
        for name in state._fields:
            value = getattr(state, name)
            if isinstance(value, Tensor):
                extra = len(self.task.field_dims.get(name, ()))
                what = f"state field {name} at step {t}"
                right = value.shape[:2] == (N_NETWORKS, N_EPISODES) and value.ndim == 2 + extra
                self._require(
                    right,
                    f"{what} has shape {tuple(value.shape)}, expected [network, episode] + {extra} more axes; "
                    "field_dims names further ones",
                )
                self._require(bool(value.isfinite().all()), f"{what} is not finite")
            else:
                self._require(isinstance(value, int), f"state field {name} is neither a tensor nor a whole number")
        self._check_clock(state, t, before)

    def _check_clock(self, state: State, t: int, before: State) -> None:
        phase, trial, last = (torch.as_tensor(value) for value in (state.phase, state.trial, before.trial))
        in_range = bool(((phase >= 0) & (phase < len(self.task.phase_names))).all())
        self._require(in_range, f"phase at step {t} is outside of phase_names")
        self._require(bool((trial >= 0).all()), f"trial at step {t} is below 0")
        reached = int(trial.max())
        self._require(
            reached < self.task.n_trials,
            f"trial at step {t} is {reached}, but n_trials = {self.task.n_trials}, and trials count from 0",
        )
        self._require(bool((trial >= last).all()), f"trial at step {t} is smaller than at the step before")

    def _check_tensor(self, value: Any, what: str, width: tuple[int, ...]) -> None:
        expected = (N_NETWORKS, N_EPISODES, *width)
        right = isinstance(value, Tensor) and tuple(value.shape) == expected and value.is_floating_point()
        dims = "(network, episode, channel)" if width else "(network, episode)"
        given = f"a {value.dtype} tensor of shape {tuple(value.shape)}" if isinstance(value, Tensor) else shown(value)
        self._require(right, f"{what} must be a floating-point tensor of shape {expected}, {dims}; it is {given}")
        self._require(bool(value.isfinite().all()), f"{what} is not finite")


def _tensors(state: State) -> list[Tensor]:
    return [value for value in state if isinstance(value, Tensor)]


def _but_last(moment: tuple[Tensor, Tensor, State]) -> tuple[Tensor, Tensor, State]:
    """Return a moment without its last world; values that are the same in all worlds are left out too."""
    observation, reward, *fields = (tensor.flatten(0, 1)[:-1] for tensor in (*moment[:2], *_tensors(moment[2])))
    return observation, reward, fields


def _same(one: tuple[Tensor, Tensor, State], other: tuple[Tensor, Tensor, State]) -> bool:
    pairs = zip((*one[:2], *one[2]), (*other[:2], *other[2]), strict=True)
    return all(torch.equal(torch.as_tensor(a), torch.as_tensor(b)) for a, b in pairs)
