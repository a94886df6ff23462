"""Scalar operations of many subjects side by side, and their derivatives by going backward through them, compiled."""

import math

import numpy as np
import numpy.typing as npt

from pfc_metarl.compiler import exactly_compiled

Floats = npt.NDArray[np.float64]
Wholes = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NAMES = ("add", "sub", "mul", "div", "max", "min", "eq", "ne", "lt", "le", "where", "exp", "log", "sqrt", "abs")
CODES = {name: code for code, name in enumerate(NAMES)}
"""Name of an operation -> its code in programs."""

ADD, SUB, MUL, DIV, MAX, MIN, EQ, NE, LT, LE, WHERE, EXP, LOG, SQRT, ABS = range(len(NAMES))

LANES = 32
"""Sessions that are evaluated side by side."""


@exactly_compiled
def _compare(code: int, result: Floats, a: Floats, b: Floats) -> None:
    if code == EQ:
        for i in range(LANES):
            result[i] = 1.0 if a[i] == b[i] else 0.0
    elif code == NE:
        for i in range(LANES):
            result[i] = 1.0 if a[i] != b[i] else 0.0
    elif code == LT:
        for i in range(LANES):
            result[i] = 1.0 if a[i] < b[i] else 0.0
    else:
        for i in range(LANES):
            result[i] = 1.0 if a[i] <= b[i] else 0.0


@exactly_compiled
def _apply(code: int, result: Floats, x: Floats) -> None:
    if code == EXP:
        for i in range(LANES):
            result[i] = math.exp(x[i])
    elif code == LOG:
        for i in range(LANES):
            result[i] = math.log(x[i])
    elif code == SQRT:
        for i in range(LANES):
            result[i] = math.sqrt(x[i])
    else:
        for i in range(LANES):
            result[i] = abs(x[i])


@exactly_compiled
def forward(rows: Wholes, x: Floats) -> None:
    """Carry out operations; `x`: value of each number in each lane, [number, lane]."""
    for row in rows:
        code, r, a, b, c = row[0], row[1], row[2], row[3], row[4]
        if code == ADD:
            for i in range(LANES):
                x[r, i] = x[a, i] + x[b, i]
        elif code == SUB:
            for i in range(LANES):
                x[r, i] = x[a, i] - x[b, i]
        elif code == MUL:
            for i in range(LANES):
                x[r, i] = x[a, i] * x[b, i]
        elif code == DIV:
            for i in range(LANES):
                x[r, i] = x[a, i] / x[b, i]
        elif code == WHERE:
            for i in range(LANES):
                x[r, i] = x[b, i] if x[a, i] != 0 else x[c, i]
        elif code == MAX:
            for i in range(LANES):
                x[r, i] = x[a, i] if x[a, i] >= x[b, i] else x[b, i]
        elif code == MIN:
            for i in range(LANES):
                x[r, i] = x[a, i] if x[a, i] <= x[b, i] else x[b, i]
        elif code in (EQ, NE, LT, LE):
            _compare(code, x[r], x[a], x[b])
        else:
            _apply(code, x[r], x[a])


@exactly_compiled
def _apply_back(code: int, result: Floats, x: Floats, of_result: Floats, of_x: Floats) -> None:
    if code == EXP:
        for i in range(LANES):
            of_x[i] += of_result[i] * result[i]
    elif code == LOG:
        for i in range(LANES):
            of_x[i] += of_result[i] / x[i]
    elif code == SQRT:
        for i in range(LANES):
            of_x[i] += of_result[i] / (2 * result[i])
    elif code == ABS:
        for i in range(LANES):
            of_x[i] += of_result[i] * (1.0 if x[i] > 0 else (-1.0 if x[i] < 0 else 0.0))


@exactly_compiled
def backward(rows: Wholes, x: Floats, slope: Floats, active: Bools) -> None:
    """Add what each result's slope says to the slopes of its operands, from the last operation to the first.

    Of equal numbers each has half of the slope of the largest, and of the smallest, of them.
    """
    for k in range(len(rows) - 1, -1, -1):
        code, r, a, b, c = rows[k, 0], rows[k, 1], rows[k, 2], rows[k, 3], rows[k, 4]
        if not active[r]:
            continue
        if code == ADD:
            for i in range(LANES):
                slope[a, i] += slope[r, i]
                slope[b, i] += slope[r, i]
        elif code == SUB:
            for i in range(LANES):
                slope[a, i] += slope[r, i]
                slope[b, i] -= slope[r, i]
        elif code == MUL:
            if active[a]:
                for i in range(LANES):
                    slope[a, i] += slope[r, i] * x[b, i]
            if active[b]:
                for i in range(LANES):
                    slope[b, i] += slope[r, i] * x[a, i]
        elif code == DIV:
            for i in range(LANES):
                slope[a, i] += slope[r, i] / x[b, i]
                slope[b, i] -= slope[r, i] * x[r, i] / x[b, i]
        elif code == WHERE:
            for i in range(LANES):
                slope[b, i] += slope[r, i] if x[a, i] != 0 else 0.0
                slope[c, i] += 0.0 if x[a, i] != 0 else slope[r, i]
        elif code in (MAX, MIN):
            for i in range(LANES):
                here = 0.5 if x[a, i] == x[b, i] else (1.0 if x[r, i] == x[a, i] else 0.0)
                slope[a, i] += slope[r, i] * here
                slope[b, i] += slope[r, i] * (1.0 - here)
        else:
            _apply_back(code, x[r], x[a], slope[r], slope[a])


@exactly_compiled
def summed(program, values, data, target, lanes, value, slope):  # type: ignore[no-untyped-def]
    """Add up the log-probabilities of the trials of many sessions, and their derivatives.

    Parameters
    ----------
    program : tuple
        ``begin``, ``trial``, ``constants``, ``parameters``, ``data``, ``state``, ``first_state``, ``new_state``,
        ``log_p`` and ``active`` of a `Program`.
    values : array, shape [problem, parameter]
    data : array, shape [sequence, trial, field]
    target : array of bool, shape [sequence of targets, trial]
    lanes : array of int, shape [session, 4]
        Problem, sequence of data, sequence of targets, and number of trials of each session; longer ones first.
    value, slope : array, shape [problem], [problem, parameter]
        To which the sums are added.
    """
    constants, parameters, state = program[2], program[3], program[5]
    x = np.empty((len(constants), LANES))
    for k in range(len(constants)):
        x[k] = constants[k]
    for first in range(0, len(lanes), LANES):
        own = np.empty((LANES, 4), dtype=np.int64)
        for i in range(LANES):
            own[i] = lanes[min(first + i, len(lanes) - 1)]
            for k in range(len(parameters)):
                x[parameters[k], i] = values[own[i, 0], k]
        last = own[0, 3]
        history = np.empty((last + 1, len(state), LANES))
        log_p = _there(program, x, history, data, target, own, last)
        slopes = _back(program, x, history, data, target, own, last)
        for i in range(min(LANES, len(lanes) - first)):
            value[own[i, 0]] += log_p[i]
            for k in range(len(parameters)):
                slope[own[i, 0], k] += slopes[k, i]


@exactly_compiled
def _there(program, x, history, data, target, own, last):  # type: ignore[no-untyped-def]
    """Go forward through the trials of some sessions; keep the state before each, and return Σ log p of each."""
    begin, trial, _, _, data_at, state_at, first_at, new_at, log_p, _ = program
    total = np.zeros(LANES)
    forward(begin, x)
    for k in range(len(state_at)):
        history[0, k] = x[first_at[k]]
    for t in range(last):
        _load(x, history, data, own, data_at, state_at, t)
        forward(trial, x)
        for k in range(len(state_at)):
            history[t + 1, k] = x[new_at[k]]
        for i in range(LANES):
            if t < own[i, 3] and target[own[i, 2], t]:
                total[i] += x[log_p, i]
    return total


@exactly_compiled
def _load(x, history, data, own, data_at, state_at, t):  # type: ignore[no-untyped-def]
    """Put the state before a trial, and what is known of the trial, in their places."""
    for k in range(len(state_at)):
        x[state_at[k]] = history[t, k]
    for i in range(LANES):
        if t < own[i, 3]:
            for k in range(len(data_at)):
                x[data_at[k], i] = data[own[i, 1], t, k]


@exactly_compiled
def _back(program, x, history, data, target, own, last):  # type: ignore[no-untyped-def]
    """Go backward through the trials of some sessions; return the slopes of Σ log p of each, [parameter, session]."""
    begin, trial, _, parameters, data_at, state_at, first_at, new_at, log_p, active = program
    slope, of_state = np.zeros(x.shape), np.zeros((len(state_at), LANES))
    total = np.zeros((len(parameters), LANES))
    for t in range(last - 1, -2, -1):
        slope[:] = 0.0
        for k in range(len(state_at)):
            slope[first_at[k] if t < 0 else new_at[k]] += of_state[k]
        if t < 0:
            forward(begin, x)
            backward(begin, x, slope, active)
        else:
            _load(x, history, data, own, data_at, state_at, t)
            forward(trial, x)
            for i in range(LANES):
                if t < own[i, 3] and target[own[i, 2], t]:
                    slope[log_p, i] += 1.0
            backward(trial, x, slope, active)
        for k in range(len(state_at)):
            of_state[k] = slope[state_at[k]]
        for k in range(len(parameters)):
            total[k] += slope[parameters[k]]
    return total
