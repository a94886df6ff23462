"""An episode of a cohort in one call: network, choice and task in compiled loops, with the same results as `live`."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pfc_metarl import dopamine
from pfc_metarl.compiler import Array, compiled, exactly_compiled, inlined
from pfc_metarl.networks.compiled import TapeArrays, act
from pfc_metarl.simulation.compiled_tasks import Whole, run

f32 = np.float32
prediction_error = exactly_compiled(dopamine.prediction_error)

ACTION, REWARD = 0, 1
"""Registers of the action, and of the reward that followed it."""


class Instructions(NamedTuple):
    """The arrays of a `pfc_metarl.simulation.programs.Program`."""

    code: Whole
    spans: Whole
    shown: Whole
    float_table: Array
    whole_table: Whole
    pool: Whole


@inlined
def show(t: int, percepts: Array, row: int, registers: Whole, floating: Array) -> None:
    """Write what the task shows to the rows of a core's input at step `t`."""
    n_networks, n_episodes = percepts.shape[0], percepts.shape[3]
    for c in range(len(registers)):
        seen = floating[registers[c]]
        for n in range(n_networks):
            for b in range(n_episodes):
                percepts[n, t, row + c, b] = seen[n * n_episodes + b]


@compiled
def criticise(t: int, values: Array, floating: Array, discount: f32, rpe: Array) -> None:
    """Compute the reward-prediction error of the step before, which is 0 at the first step.

    Parameters
    ----------
    t : int
    values : array, shape [network, step, 1, episode]
    floating : array, shape [register, world]
    discount : float
    rpe : array, shape [network, episode]
        Written.
    """
    n_networks, n_episodes = rpe.shape
    for n in range(n_networks):
        for b in range(n_episodes):
            reward = floating[REWARD, n * n_episodes + b]
            if t > 0:
                rpe[n, b] = prediction_error(reward, values[n, t - 1, 0, b], values[n, t, 0, b], discount)
            else:
                rpe[n, b] = 0


@compiled
def episode(
    tapes: tuple[TapeArrays, TapeArrays],
    has_critic: bool,
    discount: f32,
    task: Instructions,
    floating: Array,
    whole: Whole,
    world: Array,
    choice: Array,
    actions: npt.NDArray[np.int64],
    rewards: Array,
) -> bool:
    """Run an episode in every world.

    Parameters
    ----------
    tapes : tuple of TapeArrays
        Of critic and actor.
    has_critic : bool
        Whether values come from a core of their own; otherwise the first tape is not used.
    discount : float
    task : Instructions
    floating, whole : array, shape [register, world]
        Registers; constants, the action −1, the reward 0, and the state of the first step are there.
    world : array, shape [step, network, episode, draw]
    choice : array, shape [step, network, episode, action]
    actions, rewards : array, shape [step, network, episode]
        Written.

    Returns
    -------
    bool
        Whether every index of the task was within its table, and every power was there; otherwise the episode ends.
    """
    n_steps, n_networks, n_episodes = actions.shape
    tables, rpe, right = (task.float_table, task.whole_table, task.pool), np.zeros((n_networks, n_episodes), f32), True
    nothing, before = np.zeros((n_networks, n_episodes, 1), f32), whole[ACTION].reshape(n_networks, n_episodes)
    reward = floating[REWARD].reshape(n_networks, n_episodes)
    for t in range(n_steps):
        spans, shown = task.spans[t], task.shown[t]
        right &= run(task.code, spans[0], spans[1], floating, whole, *tables, world[t])
        for part in range(0 if has_critic else 1, 2):
            tape = tapes[part]
            if tape.rows[0] >= 0:
                show(t, tape.percepts, tape.rows[0], shown, floating)
            rows = (-1, tape.rows[1], tape.rows[2], tape.rows[3])
            arrays = tape.core, tape.heads, tape.percepts, tape.gates, tape.cells, tape.outputs
            given = choice[t] if part == 1 else choice[t, :, :, :1]
            action = act(tape.kind, t, *arrays, rows, tape.n_actions, nothing, before, reward, rpe, given)
            if part == 0:
                criticise(t, tape.outputs, floating, discount, rpe)
        for n in range(n_networks):
            for b in range(n_episodes):
                actions[t, n, b] = whole[ACTION, n * n_episodes + b] = action[n, b]
        right &= run(task.code, spans[2], spans[3], floating, whole, *tables, world[t])
        if not right:
            return False
        for n in range(n_networks):
            for b in range(n_episodes):
                rewards[t, n, b] = floating[REWARD, n * n_episodes + b]
    return True
