"""The steps of a cohort and their errors as loops that numba compiles: what training and recording on a CPU run.

All arrays are float32, begin with the axis [network] and end in [row, episode], so the units of one gate are one block
of memory. The equations are in `pfc_metarl.networks.compiled_cores`.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pfc_metarl.compiler import CALLED, Array, compiled, compiled_for
from pfc_metarl.networks.compiled_cores import (
    gru_errors,
    gru_step,
    lstm_errors,
    lstm_step,
    rnn_errors,
    rnn_step,
)

LSTM, GRU, RNN = 0, 1, 2
KINDS = {"lstm": LSTM, "gru": GRU, "rnn": RNN, "feedforward": RNN}
"""The cores that have compiled loops; one without recurrent weights is a vanilla network whose weights are 0."""


INPUTS = ("observation", "previous_action", "previous_reward", "rpe")


class TapeArrays(NamedTuple):
    """What `perceive` and `forward` compute with, besides the percept of a step."""

    kind: int
    core: Array
    heads: Array
    percepts: Array
    gates: Array
    cells: Array
    outputs: Array
    rows: tuple[int, int, int, int]
    n_actions: int


@compiled_for("(i8, f4[:,:,:,::1], UniTuple(i8, 4), i8, f4[:,:,:], i8[:,:], f4[:,:], f4[:,:])")
def perceive(
    t: int,
    percepts: Array,
    rows: tuple[int, int, int, int],
    n_actions: int,
    observation: Array,
    action: npt.NDArray[np.int64],
    reward: Array,
    rpe: Array,
) -> None:
    """Write what reaches the cores at step `t`.

    Parameters
    ----------
    t : int
    percepts : array
        As of `forward`; written.
    rows : tuple of int
        First row of each of `INPUTS`; −1 for what is no input.
    n_actions : int
    observation : array, shape [network, episode, channel]
    action, reward, rpe : array, shape [network, episode]
        The previous ones; action −1 for none.
    """
    n_networks, n_episodes, n_channels = observation.shape
    for n in range(n_networks):
        here = percepts[n, t]
        for b in range(n_episodes):
            if rows[0] >= 0:
                for c in range(n_channels):
                    here[rows[0] + c, b] = observation[n, b, c]
            if rows[1] >= 0:
                for a in range(n_actions):
                    here[rows[1] + a, b] = 1 if a == action[n, b] else 0
            if rows[2] >= 0:
                here[rows[2], b] = reward[n, b]
            if rows[3] >= 0:
                here[rows[3], b] = rpe[n, b]


@compiled
def unit_step(kind: int, gates: Array, percepts: Array, cells: Array, units: int) -> None:
    """Turn the pre-activations of a step into activations and the state after it; `percepts` has before and after."""
    hidden, next_hidden = percepts[0, -units - 1 : -1].reshape(-1), percepts[1, -units - 1 : -1].reshape(-1)
    own = gates.reshape(-1, hidden.size)
    if kind == LSTM:
        lstm_step(own, hidden, cells[0].reshape(-1), next_hidden, cells[1].reshape(-1))
    elif kind == GRU:
        gru_step(own, hidden, next_hidden)
    else:
        rnn_step(own, next_hidden)


@compiled
def forward(
    kind: int,
    t: int,
    core: Array,
    heads: Array,
    percepts: Array,
    gates: Array,
    cells: Array,
    outputs: Array,
    moves_units: bool,
    reads_heads: bool,
) -> None:
    """Compute units and heads of step `t` of all networks.

    Parameters
    ----------
    kind : int
        Of `KINDS`.
    t : int
    core : array, shape [network, gates * units, inputs + units + 1]
    heads : array, shape [network, outputs, units + 1]
    percepts : array, shape [network, step + 1, inputs + units + 1, episode]
        Row t: inputs of step t, hidden units of the step before, 1.
    gates : array, shape [network, step, gates * units, episode]
    cells : array, shape [network, step + 1, units, episode]
        No units where the core has no cell.
    outputs : array, shape [network, step, outputs, episode]
    moves_units, reads_heads : bool
        Whether units and whether heads are computed.
    """
    units = heads.shape[2] - 1
    for n in range(len(core)):
        if moves_units:
            np.dot(core[n], percepts[n, t], gates[n, t])
            unit_step(kind, gates[n, t], percepts[n, t : t + 2], cells[n, t : t + 2], units)
        if reads_heads:
            np.dot(heads[n], percepts[n, t + 1, -units - 1 :], outputs[n, t])


@compiled
def gate_errors(
    kind: int, gates: Array, percepts: Array, cells: Array, d_hidden: Array, carried: Array, errors: Array
) -> None:
    """Turn the errors of the state after a step into those of its pre-activations; `percepts` has before and after."""
    size, units = carried.size, len(d_hidden)
    own, d_own, d_hidden = gates.reshape(-1, size), errors.reshape(-1, size), d_hidden.reshape(-1)
    hidden, next_hidden = percepts[0, -units - 1 : -1].reshape(-1), percepts[1, -units - 1 : -1].reshape(-1)
    if kind == LSTM:
        lstm_errors(own, cells[0].reshape(-1), cells[1].reshape(-1), d_hidden, carried, d_own)
    elif kind == GRU:
        gru_errors(own, hidden, d_hidden, carried, d_own)
    else:
        rnn_errors(next_hidden, d_hidden, d_own)


SMALL_PRODUCT, MANY_STEPS = 1_000_000, 25
"""Multiplications up to which OpenBLAS does not copy the factors of a product; steps in a product that is larger."""


@compiled
def steps_at_once(n_errors: int, n_rows: int, n_episodes: int) -> int:
    """Return over how many steps the weights' derivatives are summed by one product."""
    fit = SMALL_PRODUCT // (n_errors * n_rows * n_episodes)
    return fit if fit > 0 else MANY_STEPS


@compiled
def append(s: int, errors: Array, percept: Array, run_errors: Array, run_percepts: Array) -> None:
    """Write the errors and the percept of a step to place `s` of a run of steps, in the order that products read."""
    n_episodes = errors.shape[1]
    for i in range(len(errors)):
        for b in range(n_episodes):
            run_errors[i, s, b] = errors[i, b]
    for i in range(len(percept)):
        for b in range(n_episodes):
            run_percepts[s, b, i] = percept[i, b]


@compiled
def add_product(errors: Array, percepts: Array, product: Array, d_weights: Array) -> None:
    """Add the product of a run's errors and percepts to the derivatives of the weights; `product` is scratch."""
    n_errors, n_rows = d_weights.shape
    np.dot(errors.reshape(n_errors, -1), percepts.reshape(-1, n_rows), product)
    for i in range(n_errors):
        for j in range(n_rows):
            d_weights[i, j] += product[i, j]


@compiled
def backward(
    kind: int,
    to_units: Array,
    to_input: Array,
    percepts: Array,
    gates: Array,
    cells: Array,
    d_outputs: Array,
    d_weights: Array,
    d_state: Array,
    d_input: Array,
) -> None:
    """Compute the derivatives of one network, from the last step to the first.

    What is computed from the units of a step is a column of `errors`: the gates of the next step, then the heads of
    this one. So one product gives the errors of the units, and one the derivatives of the weights, for a few steps at
    a time.

    Parameters
    ----------
    kind, percepts, gates, cells
        As of `forward`, without the axis [network].
    to_units : array, shape [units, gates * units + outputs]
        Weights from the units to all that is computed from them.
    to_input : array, shape [width, gates * units]
        Weights from the traced input to the gates.
    d_outputs : array, shape [step + 1, outputs, episode]
        Entry t + 1 is the derivative with respect to the outputs of step t, entry 0 is zero.
    d_weights : array, shape [gates * units + outputs, inputs + units + 1]
        Zero; the result is written here, as it is to the next two.
    d_state : array, shape [2, units, episode]
        Zero; of the state at the start, through weights and carried.
    d_input : array, shape [step, width, episode]
    """
    n_steps, n_gates, n_episodes = gates.shape
    n_errors, n_rows = d_weights.shape
    run = steps_at_once(n_errors, n_rows, n_episodes)
    errors, product = np.zeros((n_errors, n_episodes), np.float32), np.empty((n_errors, n_rows), np.float32)
    run_errors = np.zeros((n_errors, run, n_episodes), np.float32)
    run_percepts = np.zeros((run, n_episodes, n_rows), np.float32)
    d_gates, d_heads, d_hidden, carried = errors[:n_gates], errors[n_gates:], d_state[0], d_state[1].reshape(-1)
    for t in range(n_steps, -1, -1):  # the units before step t, and what is computed from them
        for i in range(len(d_heads)):
            for b in range(n_episodes):
                d_heads[i, b] = d_outputs[t, i, b]
        np.dot(to_units, errors, d_hidden)
        append(t % run, errors, percepts[t], run_errors, run_percepts)
        if t % run == 0:
            add_product(run_errors, run_percepts, product, d_weights)
        if t > 0:
            before = slice(t - 1, t + 1)
            gate_errors(kind, gates[t - 1], percepts[before], cells[before], d_hidden, carried, d_gates)
            if len(to_input) > 0:
                np.dot(to_input, d_gates, d_input[t - 1])


@compiled
def choose(t: int, outputs: Array, noise: Array) -> npt.NDArray[np.int64]:
    """Return the action of the largest logit plus noise, [network, episode].

    Parameters
    ----------
    t : int
    outputs : array, shape [network, step, outputs, episode]
        The first are the logits.
    noise : array, shape [network, episode, action]
    """
    n_networks, n_episodes, n_actions = noise.shape
    action = np.zeros((n_networks, n_episodes), np.int64)
    for n in range(n_networks):
        for b in range(n_episodes):
            highest = outputs[n, t, 0, b] + noise[n, b, 0]
            for a in range(1, n_actions):
                preference = outputs[n, t, a, b] + noise[n, b, a]
                if preference > highest:
                    highest = preference
                    action[n, b] = a
    return action


BUFFERS = "f4[:,:,::1], f4[:,:,::1], f4[:,:,:,::1], f4[:,:,:,::1], f4[:,:,:,::1], f4[:,:,:,::1]"
PERCEPT = "UniTuple(i8, 4), i8, f4[:,:,:], i8[:,:], f4[:,:], f4[:,:]"


@compiled_for(f"i8[:,::1](i8, i8, {BUFFERS}, {PERCEPT}, f4[:,:,:])", CALLED)
def act(
    kind: int,
    t: int,
    core: Array,
    heads: Array,
    percepts: Array,
    gates: Array,
    cells: Array,
    outputs: Array,
    rows: tuple[int, int, int, int],
    n_actions: int,
    observation: Array,
    action: npt.NDArray[np.int64],
    reward: Array,
    rpe: Array,
    noise: Array,
) -> npt.NDArray[np.int64]:
    """Perceive, compute step `t` and choose in one call: the parameters of `perceive`, `forward` and `choose`."""
    perceive(t, percepts, rows, n_actions, observation, action, reward, rpe)
    forward(kind, t, core, heads, percepts, gates, cells, outputs, True, True)
    return choose(t, outputs, noise)
