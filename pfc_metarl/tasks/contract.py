"""The contract as a test: `check_task` says in a sentence what a task does wrong."""

from typing import Any

import torch
from torch import Tensor

from pfc_metarl.settings import BadInput
from pfc_metarl.tasks.base import State, Task

N_NETWORKS, N_EPISODES = 2, 32


def check_task(task: Task, seed: int = 0) -> None:
    """Put a task through the contract.

    Two episodes are lived with the same noise and with random actions. Checked: names and widths agree; state fields
    and rewards have the right shapes and finite values; trial and phase stay in range; nothing handed in is changed
    and nothing handed out changes later; the same noise makes the same world; worlds with different noise differ; no
    world depends on another's noise.

    Parameters
    ----------
    task : Task
    seed : int
        Of the noise.

    Raises
    ------
    BadInput
        With a sentence that names the task and the first thing that is wrong.

    Examples
    --------
    >>> from pfc_metarl.tasks import TwoStep
    >>> check_task(TwoStep(n_trials=3))
    """
    if not isinstance(task, Task):
        raise BadInput(f"{task!r} is not a task: subclass pfc_metarl.tasks.Task.")
    _Check(task, seed).run()


class _Check:
    def __init__(self, task: Task, seed: int) -> None:
        self.task, self.name = task, type(task).__name__
        self.generator = torch.Generator().manual_seed(seed)

    def run(self) -> None:
        self._check_names()
        shape = (self.task.n_steps + 1, N_NETWORKS, N_EPISODES)
        noise = torch.rand(*shape, self.task.n_draws, generator=self.generator)
        actions = torch.randint(len(self.task.action_names), shape[1:], generator=self.generator)
        actions = torch.stack([actions.roll(t) for t in range(self.task.n_steps)])
        first, second = self._live(noise.clone(), actions.clone()), self._live(noise, actions)
        for t, (one, other) in enumerate(zip(first, second, strict=True)):
            self._require(_same(one, other), f"step {t} differs between two episodes with the same noise and actions")
        other_noise = noise.clone()
        other_noise[:, -1, -1] = torch.rand(noise[:, -1, -1].shape, generator=self.generator)
        for t, (one, other) in enumerate(zip(first, self._live(other_noise, actions), strict=True)):
            self._require(_same(_but_last(one), _but_last(other)), f"at step {t} one world depends on another's noise")
        observed = torch.stack([observation for observation, _, _ in first]).flatten(0, -2)
        rewards = torch.stack([reward for _, reward, _ in first])
        varied = len(observed.unique(dim=0)) > 1 or rewards.unique().numel() > 1
        self._require(varied, "nothing ever changes: every observation and every reward is the same")
        alike = self._live(noise, actions[:, :1, :1].expand_as(actions).clone())
        fields = [field.flatten(0, 1) for *shown, state in alike for field in (*shown, *_tensors(state))]
        differs = any(len(field.unique(dim=0)) > 1 for field in fields)
        self._require(differs, "all worlds are the same although their noise differs")

    def _require(self, holds: bool, wrong: str) -> None:
        if not holds:
            raise BadInput(f"Task {self.name} breaks the contract: {wrong}.")

    def _check_names(self) -> None:
        for kind in ("action_names", "channel_names", "phase_names"):
            names = getattr(self.task, kind)
            unique = len(names) > 0 and len(set(names)) == len(names) and all(isinstance(name, str) for name in names)
            self._require(unique, f"{kind} = {names!r} must be different strings")
        for kind in ("n_steps", "n_draws"):
            value = getattr(self.task, kind)
            self._require(isinstance(value, int) and value >= 1, f"{kind} = {value!r} must be a whole number above 0")

    def _live(self, noise: Tensor, actions: Tensor) -> list[tuple[Tensor, Tensor, State]]:
        handed_in = noise.clone(), actions.clone()
        state = self.task.begin(noise[0])
        moments, kept = [], []
        for t, action in enumerate(actions):
            self._check_state(state, t)
            observation = self.task.observe(state)
            self._check_tensor(observation, f"observation at step {t}", (len(self.task.channel_names),))
            next_state, reward = self.task.step(state, action, noise[t + 1])
            self._check_tensor(reward, f"reward at step {t}", ())
            moments.append((observation, reward, state))
            kept.append(tuple(tensor.clone() for tensor in (observation, reward, *_tensors(state))))
            state = next_state
        untouched = torch.equal(noise, handed_in[0]) and torch.equal(actions, handed_in[1])
        self._require(untouched, "noise or actions that were handed in were changed")
        for t, ((observation, reward, before), then) in enumerate(zip(moments, kept, strict=True)):
            now = (observation, reward, *_tensors(before))
            same = all(torch.equal(a, b) for a, b in zip(now, then, strict=True))
            self._require(same, f"what was handed out at step {t} was changed later")
        return moments

    def _check_state(self, state: State, t: int) -> None:
        fields = getattr(state, "_fields", ())
        self._require("trial" in fields and "phase" in fields, "its state must be a NamedTuple with trial and phase")
        for name in fields:
            value = getattr(state, name)
            if isinstance(value, Tensor):
                extra = len(self.task.field_dims.get(name, ()))
                what = f"state field {name} at step {t}"
                right = value.shape[:2] == (N_NETWORKS, N_EPISODES) and value.ndim == 2 + extra
                self._require(
                    right, f"{what} has shape {tuple(value.shape)}, expected [network, episode] + {extra} more axes"
                )
                self._require(bool(value.isfinite().all()), f"{what} is not finite")
            else:
                self._require(isinstance(value, int), f"state field {name} is neither a tensor nor a whole number")
        phase = torch.as_tensor(state.phase)
        in_range = bool(((phase >= 0) & (phase < len(self.task.phase_names))).all())
        self._require(in_range, f"phase at step {t} is outside of phase_names")
        self._require(bool((torch.as_tensor(state.trial) >= 0).all()), f"trial at step {t} is below 0")

    def _check_tensor(self, value: Any, what: str, width: tuple[int, ...]) -> None:
        expected = (N_NETWORKS, N_EPISODES, *width)
        right = isinstance(value, Tensor) and tuple(value.shape) == expected and value.is_floating_point()
        self._require(right, f"{what} must be a floating-point tensor of shape {expected}")
        self._require(bool(value.isfinite().all()), f"{what} is not finite")


def _tensors(state: State) -> list[Tensor]:
    return [value for value in state if isinstance(value, Tensor)]


def _but_last(moment: tuple[Tensor, Tensor, State]) -> tuple[Tensor, Tensor, State]:
    """Return a moment without its last world; what all worlds share is left out too."""
    observation, reward, *fields = (tensor.flatten(0, 1)[:-1] for tensor in (*moment[:2], *_tensors(moment[2])))
    return observation, reward, fields


def _same(one: tuple[Tensor, Tensor, State], other: tuple[Tensor, Tensor, State]) -> bool:
    pairs = zip((*one[:2], *one[2]), (*other[:2], *other[2]), strict=True)
    return all(torch.equal(torch.as_tensor(a), torch.as_tensor(b)) for a, b in pairs)
