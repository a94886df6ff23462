"""Tiny gated recurrent networks that predict choices: their equations, for many networks side by side."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from pfc_metarl.fitting.layout import Trials

START_SD = 0.5
"""Standard deviation of weights before training."""


class Shape(NamedTuple):
    """Sizes of a tiny network."""

    n_units: int
    n_kinds: int
    """Kinds of trials: option chosen, reward or none, and state where there is one."""
    n_options: int

    @property
    def sizes(self) -> tuple[int, int, int, int]:
        """Numbers of weights: from inputs, recurrent, of the read-out, and its biases."""
        gates = 3 * self.n_units
        return self.n_kinds * gates, self.n_units * gates, self.n_units * (self.n_options - 1), self.n_options - 1


def kinds(trials: Trials) -> Tensor:
    """Return what a tiny network is shown of each trial, [subject, session, trial, kind].

    Each kind of trial (option chosen, rewarded or not, and the state reached) has an input of its own; a reward between
    0 and 1 is divided between two inputs. Where nothing was chosen all inputs are 0.
    """
    experience = trials.experience
    reward = experience.reward.clamp(0, 1)
    found = torch.stack([1 - reward, reward], -1)
    for code in (experience.choice, experience.state):
        if code is not None:
            size = max(trials.n_options if code is experience.choice else 2, int(code.max()) + 1)
            one_hot = torch.nn.functional.one_hot(code.clamp(min=0), size).double() * (code >= 0)[..., None]
            found = (one_hot[..., None] * found[..., None, :]).flatten(-2)
    return found


def start_weights(shape: Shape, n_starts: int) -> Tensor:
    """Return weights before training, [start, weight]; the same in every fit."""
    return torch.from_numpy(np.random.default_rng(0).normal(0, START_SD, (n_starts, sum(shape.sizes))))


def log_probabilities(weights: Tensor, shown: Tensor, shape: Shape) -> Tensor:
    """Return the log-probabilities of options before each trial and after the last one.

    Parameters
    ----------
    weights : Tensor, shape [subject, network, weight]
    shown : Tensor, shape [subject, session, trial, kind]
        As of `kinds`; every network of a subject is shown the same trials.
    shape : Shape

    Returns
    -------
    Tensor, shape [subject, network, session, trial + 1, option]
    """
    n_subjects, n_sessions = shown.shape[:2]
    of_input, recurrent, read_out, bias = weights.split(shape.sizes, -1)
    gates = _input_to_gates(of_input, shown, shape)
    own = recurrent.unflatten(-1, (shape.n_units, 3 * shape.n_units)).flatten(0, 1)
    hidden = own.new_zeros(len(own), n_sessions, shape.n_units)
    before = [hidden]
    for gate in gates.unbind(0):
        hidden = _updated(hidden, gate, own, shape.n_units)
        before.append(hidden)
    states = torch.stack(before, 2).unflatten(0, (n_subjects, -1))
    of_options = read_out.unflatten(-1, (shape.n_units, -1))[:, :, None]
    logits = states @ of_options + bias[:, :, None, None]
    return torch.cat([torch.zeros_like(logits[..., :1]), logits], -1).log_softmax(-1)


def _input_to_gates(of_input: Tensor, shown: Tensor, shape: Shape) -> Tensor:
    """Return what inputs contribute to the gates, [trial, subject x network, session, gate]."""
    n_subjects, n_sessions, n_trials, n_kinds = shown.shape
    weights = of_input.unflatten(-1, (n_kinds, 3 * shape.n_units)).movedim(1, 2).flatten(2)
    gates = (shown.flatten(1, 2) @ weights).view(n_subjects, n_sessions, n_trials, -1, 3 * shape.n_units)
    nothing = (shown.sum(-1) == 0)[..., None, None]
    update, others = gates.split((shape.n_units, 2 * shape.n_units), -1)
    gates = torch.cat([update.masked_fill(nothing, -torch.inf), others], -1)
    return gates.permute(2, 0, 3, 1, 4).flatten(1, 2).contiguous()


def _updated(hidden: Tensor, gate: Tensor, recurrent: Tensor, n_units: int) -> Tensor:
    """Return the state after a trial: a gated recurrent unit, Cho et al. 2014, doi:10.3115/v1/D14-1179."""
    own = torch.bmm(hidden, recurrent)
    update_reset = torch.sigmoid(gate[..., : 2 * n_units] + own[..., : 2 * n_units])
    update, reset = update_reset.split(n_units, -1)
    candidate = torch.tanh(gate[..., 2 * n_units :] + reset * own[..., 2 * n_units :])
    return torch.lerp(hidden, candidate, update)
