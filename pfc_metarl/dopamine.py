"""Dopamine: the reward-prediction error δ, and the teaching signal made from it.

Arithmetic on anything that can be added and multiplied: numbers, arrays, tensors. Time runs along the first axis.
All variables at step t are those at the choice of the action, except the reward, which followed it:

    δ[t] = r[t] + γ V[t+1] − V[t]

Sources: Sutton & Barto 2018, chapters 6 and 12; Wang et al. 2018, doi:10.1038/s41593-018-0147-8;
Schulman et al. 2016, arXiv:1506.02438 (the λ-weighted advantage).
"""


def prediction_error(reward, value, next_value, discount):
    """Return the reward-prediction error δ = r + γ V′ − V.

    Parameters
    ----------
    reward, value, next_value : number or array, any shape
        Reward, value before it, value after it (0 after the last step).
    discount : number
        γ, per step.

    Examples
    --------
    >>> prediction_error(reward=1.0, value=0.5, next_value=0.25, discount=0.8)
    0.7
    """
    return reward + discount * next_value - value


def prediction_errors(reward, value, discount, bootstrap=0.0):
    """Return δ of every step of an episode, as a list.

    Parameters
    ----------
    reward, value : sequence over steps
    discount : number
    bootstrap : number or array
        Value after the last step; 0 if the episode ends there.

    Examples
    --------
    >>> prediction_errors(reward=[0.0, 1.0], value=[0.25, 0.5], discount=1.0)
    [0.25, 0.5]
    """
    next_value = [*value[1:], bootstrap]
    return [prediction_error(*step, discount) for step in zip(reward, value, next_value, strict=True)]


def accumulated(signal, decay, after=0.0):
    """Return the trace Σₖ decayᵏ signal[t+k] of every step, as a list.

    Parameters
    ----------
    signal : sequence over steps
    decay : number
        Weight of the next step's trace.
    after : number or array
        Trace after the last step.

    Examples
    --------
    >>> accumulated([1.0, 0.0, 4.0], decay=0.5)
    [2.0, 2.0, 4.0]
    """
    traces = []
    for now in reversed(signal):
        after = now + decay * after
        traces.append(after)
    return traces[::-1]


def discounted_return(reward, discount, bootstrap=0.0):
    """Return R[t] = r[t] + γ r[t+1] + … + γᵏ V, as a list.

    Parameters
    ----------
    reward : sequence over steps
    discount : number
        γ, per step.
    bootstrap : number or array
        V, the value after the last step; 0 if the episode ends there.

    Examples
    --------
    >>> discounted_return([0.0, 0.0, 1.0], discount=0.5, bootstrap=2.0)
    [0.5, 1.0, 2.0]
    """
    return accumulated(reward, discount, bootstrap)


def advantage(rpe, discount, trace_decay):
    """Return the advantage, the teaching signal: the sum of prediction errors Σₖ (γλ)ᵏ δ[t+k], as a list.

    With λ = 1 it is the return minus the value, R[t] − V[t], the teaching signal of Wang et al.; with λ = 0 it is δ[t].

    Parameters
    ----------
    rpe : sequence over steps
        δ, of `prediction_errors`.
    discount, trace_decay : number
        γ and λ, per step.

    Examples
    --------
    >>> advantage(rpe=[0.25, 0.5], discount=1.0, trace_decay=1.0)
    [0.75, 0.5]
    """
    return accumulated(rpe, discount * trace_decay)


def stimulate(signal, where, magnitude):
    """Return a dopamine signal with a burst added.

    Parameters
    ----------
    signal : number or array, any shape
        A prediction error, or a term that is added to one.
    where : bool or array of bool
        Whether there is a burst.
    magnitude : number
        Size of the burst, in units of reward.

    Examples
    --------
    >>> stimulate(-0.5, where=True, magnitude=4.0)
    3.5
    """
    return signal + where * magnitude


def block(signal, where, magnitude):
    """Return a dopamine signal with the magnitude subtracted, as by a pause of the neurons.

    Parameters
    ----------
    signal, where, magnitude
        As of `stimulate`; `where` says whether there is a pause.

    Examples
    --------
    >>> block(3.5, where=True, magnitude=4.0), block(3.5, where=False, magnitude=4.0)
    (-0.5, 3.5)
    """
    return stimulate(signal, where, -magnitude)
