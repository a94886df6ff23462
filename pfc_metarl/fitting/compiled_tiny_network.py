"""Gated recurrent units of tiny networks, trial by trial, and their derivatives by going backward, compiled.

Cho et al. 2014, doi:10.3115/v1/D14-1179, without biases of the gates: each kind of trial has an input of its own.
"""

import math

import numpy as np
import numpy.typing as npt

from pfc_metarl.compiler import exactly_compiled

Floats = npt.NDArray[np.float64]


@exactly_compiled
def forward(of_input, recurrent, read_out, bias, shown, hidden, gates, log_p):  # type: ignore[no-untyped-def]
    """Follow networks through the trials of their subjects.

    Parameters
    ----------
    of_input : array, shape [subject, network, kind, gate]
        Gates are the update, the reset and the candidate of each unit, in this order.
    recurrent : array, shape [subject, network, unit, gate]
    read_out : array, shape [subject, network, unit, option - 1]
        To the logits of all options but the first, whose logit is 0.
    bias : array, shape [subject, network, option - 1]
    shown : array, shape [subject, session, trial, kind]
    hidden : array, shape [subject, network, session, trial + 1, unit]
        Is filled: the state before each trial, and after the last one.
    gates : array, shape [subject, network, session, trial, gate + unit]
        Is filled where something is shown: the gates, and what the candidate receives from the units.
    log_p : array, shape [subject, network, session, trial + 1, option]
        Is filled.
    """
    n_subjects, n_networks, n_sessions = hidden.shape[:3]
    for s in range(n_subjects):
        for n in range(n_networks):
            for e in range(n_sessions):
                _session_forward(of_input[s, n], recurrent[s, n], shown[s, e], hidden[s, n, e], gates[s, n, e])
                _read(hidden[s, n, e], read_out[s, n], bias[s, n], log_p[s, n, e])


@exactly_compiled
def _session_forward(of_input: Floats, recurrent: Floats, shown: Floats, hidden: Floats, gates: Floats) -> None:
    n_units = hidden.shape[-1]
    received = np.empty(3 * n_units)
    hidden[0] = 0.0
    for t in range(len(shown)):
        if not _receive(of_input, shown[t], received):
            hidden[t + 1] = hidden[t]
            continue
        for j in range(n_units):
            own = np.zeros(3)
            for i in range(n_units):
                for g in range(3):
                    own[g] += hidden[t, i] * recurrent[i, g * n_units + j]
            update = 1 / (1 + math.exp(-received[j] - own[0]))
            reset = 1 / (1 + math.exp(-received[n_units + j] - own[1]))
            candidate = math.tanh(received[2 * n_units + j] + reset * own[2])
            hidden[t + 1, j] = hidden[t, j] + update * (candidate - hidden[t, j])
            gates[t, j], gates[t, n_units + j], gates[t, 2 * n_units + j] = update, reset, candidate
            gates[t, 3 * n_units + j] = own[2]


@exactly_compiled
def _receive(of_input: Floats, shown: Floats, received: Floats) -> bool:
    """Add up what the gates receive from the inputs of a trial; return whether anything is shown."""
    received[:] = 0.0
    anything = False
    for kind in range(len(shown)):
        if shown[kind] != 0:
            anything = True
            for g in range(len(received)):
                received[g] += shown[kind] * of_input[kind, g]
    return anything


@exactly_compiled
def _read(hidden: Floats, read_out: Floats, bias: Floats, log_p: Floats) -> None:
    for t in range(len(hidden)):
        log_p[t, 0] = 0.0
        top = 0.0
        for option in range(len(bias)):
            logit = bias[option]
            for i in range(len(read_out)):
                logit += hidden[t, i] * read_out[i, option]
            log_p[t, option + 1] = logit
            top = max(top, logit)
        total = 0.0
        for option in range(log_p.shape[-1]):
            total += math.exp(log_p[t, option] - top)
        normaliser = top + math.log(total)
        for option in range(log_p.shape[-1]):
            log_p[t, option] -= normaliser


@exactly_compiled
def backward(recurrent, read_out, shown, hidden, gates, log_p, slope, found):  # type: ignore[no-untyped-def]
    """Add up the derivatives with respect to the weights, from the last trial of each session to the first.

    Parameters
    ----------
    recurrent, read_out, shown, hidden, gates, log_p : array
        As of `forward`, which filled the last three.
    slope : array, shape of `log_p`
        Derivatives with respect to the log-probabilities.
    found : tuple of array
        To which the derivatives are added: those of ``of_input``, ``recurrent``, ``read_out`` and ``bias``.
    """
    d_input, d_recurrent, d_read_out, d_bias = found
    n_subjects, n_networks, n_sessions, n_trials, n_units = hidden.shape
    of_state = np.empty((n_trials, n_units))
    for s in range(n_subjects):
        for n in range(n_networks):
            for e in range(n_sessions):
                of_state[:] = 0.0
                own = hidden[s, n, e]
                _read_back(
                    own, read_out[s, n], log_p[s, n, e], slope[s, n, e], of_state, d_read_out[s, n], d_bias[s, n]
                )
                _session_back(
                    recurrent[s, n], shown[s, e], own, gates[s, n, e], of_state, d_input[s, n], d_recurrent[s, n]
                )


@exactly_compiled
def _read_back(hidden, read_out, log_p, slope, of_state, d_read_out, d_bias):  # type: ignore[no-untyped-def]
    """Add the derivatives of the read-out, and with respect to the state before each trial."""
    n_options = log_p.shape[-1]
    for t in range(len(hidden)):
        total = 0.0
        for option in range(n_options):
            total += slope[t, option]
        for option in range(1, n_options):
            of_logit = slope[t, option] - math.exp(log_p[t, option]) * total
            d_bias[option - 1] += of_logit
            for i in range(len(read_out)):
                d_read_out[i, option - 1] += of_logit * hidden[t, i]
                of_state[t, i] += of_logit * read_out[i, option - 1]


@exactly_compiled
def _session_back(recurrent, shown, hidden, gates, of_state, d_input, d_recurrent):  # type: ignore[no-untyped-def]
    n_units = hidden.shape[-1]
    of_gate, from_units = np.empty(3 * n_units), np.empty(3 * n_units)
    for t in range(len(shown) - 1, -1, -1):
        if not shown[t].any():
            of_state[t] += of_state[t + 1]
            continue
        _of_gates(hidden[t], gates[t], of_state[t + 1], of_gate, from_units)
        for i in range(n_units):
            of_state[t, i] += of_state[t + 1, i] * (1 - gates[t, i])
            for g in range(3 * n_units):
                d_recurrent[i, g] += hidden[t, i] * from_units[g]
                of_state[t, i] += recurrent[i, g] * from_units[g]
        for kind in range(len(d_input)):
            if shown[t, kind] != 0:
                for g in range(3 * n_units):
                    d_input[kind, g] += shown[t, kind] * of_gate[g]


@exactly_compiled
def _of_gates(hidden: Floats, gates: Floats, of_next: Floats, of_gate: Floats, from_units: Floats) -> None:
    """Return the derivatives with respect to what the gates receive from inputs, and from units."""
    n_units = len(hidden)
    for j in range(n_units):
        update, reset, candidate = gates[j], gates[n_units + j], gates[2 * n_units + j]
        of_update = of_next[j] * (candidate - hidden[j]) * update * (1 - update)
        of_candidate = of_next[j] * update * (1 - candidate * candidate)
        of_reset = of_candidate * gates[3 * n_units + j] * reset * (1 - reset)
        of_gate[j], of_gate[n_units + j], of_gate[2 * n_units + j] = of_update, of_reset, of_candidate
        from_units[j], from_units[n_units + j], from_units[2 * n_units + j] = of_update, of_reset, of_candidate * reset
