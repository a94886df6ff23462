"""The equations of the cores as loops that numba compiles, with their derivatives.

They are those of `pfc_metarl.networks.cores`. A loop over k is a loop over the units and over the episodes of a network
at once; ``gates[0, k]``, ``gates[1, k]``, ... are the gates in the order of `Core.gates`. d_x is the derivative of the
loss with respect to x. What reaches the state of the step before without passing a weight is the error of the cell in
an LSTM, `d_cell`, and of the hidden units in a GRU, `carried`; both are updated in place.
"""

import numpy as np

from pfc_metarl.compiler import Array, compiled

f32 = np.float32
ONE = f32(1)  # with the number 1 of Python, numba would compute in double precision

SATURATION = f32(9.02)
"""From here on, the tanh of a float32 number is 1."""


@compiled
def tanh(x: f32) -> f32:
    """Return tanh(x), at most 4e-7 from the truth: the best rational function of x² with numerator 5, denominator 4."""
    x = SATURATION if x > SATURATION else x
    x = -SATURATION if x < -SATURATION else x
    y = x * x
    p = f32(-1.2192457113369137e-11)
    p = p * y + f32(3.0614273782703094e-08)
    p = p * y + f32(2.8035299692419358e-05)
    p = p * y + f32(3.870174055919051e-03)
    p = p * y + f32(0.13681508600711823)
    q = f32(1.2888062883575913e-06)
    q = q * y + f32(3.941553586628288e-04)
    q = q * y + f32(2.7252987027168274e-02)
    q = q * y + f32(0.4701484143733978)
    return x * (p * y + ONE) / (q * y + ONE)


@compiled
def sigmoid(x: f32) -> f32:
    """Return 1 / (1 + exp(−x))."""
    return f32(0.5) + f32(0.5) * tanh(f32(0.5) * x)


@compiled
def lstm_step(gates: Array, hidden: Array, cell: Array, next_hidden: Array, next_cell: Array) -> None:
    """c′ = f c + i g and h′ = o tanh(c′); pre-activations in `gates` become activations."""
    for k in range(hidden.size):
        o = sigmoid(gates[0, k])
        i = sigmoid(gates[1, k])
        f = sigmoid(gates[2, k])
        g = tanh(gates[3, k])
        c = f * cell[k] + i * g
        next_cell[k] = c
        next_hidden[k] = o * tanh(c)
        gates[0, k], gates[1, k], gates[2, k], gates[3, k] = o, i, f, g


@compiled
def lstm_errors(gates: Array, cell: Array, next_cell: Array, d_hidden: Array, d_cell: Array, d_gates: Array) -> None:
    """From the errors of h′ and c′ to those of the pre-activations, and of c in the place of c′."""
    for k in range(d_hidden.size):
        o, i, f, g = gates[0, k], gates[1, k], gates[2, k], gates[3, k]
        q = tanh(next_cell[k])
        d_c = d_cell[k] + d_hidden[k] * o * (ONE - q * q)
        d_gates[0, k] = d_hidden[k] * q * o * (ONE - o)
        d_gates[1, k] = d_c * g * i * (ONE - i)
        d_gates[2, k] = d_c * cell[k] * f * (ONE - f)
        d_gates[3, k] = d_c * i * (ONE - g * g)
        d_cell[k] = d_c * f


@compiled
def gru_step(gates: Array, hidden: Array, next_hidden: Array) -> None:
    """h′ = (1 − z) n + z h with n = tanh(a + r b); `gates` then holds r, z, n, b."""
    for k in range(hidden.size):
        r = sigmoid(gates[0, k])
        z = sigmoid(gates[1, k])
        n = tanh(gates[2, k] + r * gates[3, k])
        next_hidden[k] = (ONE - z) * n + z * hidden[k]
        gates[0, k], gates[1, k], gates[2, k] = r, z, n


@compiled
def gru_errors(gates: Array, hidden: Array, d_hidden: Array, carried: Array, d_gates: Array) -> None:
    """From the error of h′ to those of the pre-activations; what reaches h by z is carried."""
    for k in range(d_hidden.size):
        r, z, n, b = gates[0, k], gates[1, k], gates[2, k], gates[3, k]
        d_h = d_hidden[k] + carried[k]
        d_a = d_h * (ONE - z) * (ONE - n * n)
        d_gates[0, k] = d_a * b * r * (ONE - r)
        d_gates[1, k] = d_h * (hidden[k] - n) * z * (ONE - z)
        d_gates[2, k] = d_a
        d_gates[3, k] = d_a * r
        carried[k] = d_h * z


@compiled
def rnn_step(gates: Array, next_hidden: Array) -> None:
    """h′ = tanh(a)."""
    for k in range(next_hidden.size):
        next_hidden[k] = tanh(gates[0, k])


@compiled
def rnn_errors(next_hidden: Array, d_hidden: Array, d_gates: Array) -> None:
    """From the error of h′ to that of the pre-activation."""
    for k in range(d_hidden.size):
        d_gates[0, k] = d_hidden[k] * (ONE - next_hidden[k] * next_hidden[k])
