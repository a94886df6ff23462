"""A small recording made up of known signals: what examples and tests of measures start from."""

import numpy as np
import xarray as xr

from pfc_metarl.data.dataset import STEP_DIMS, validate, variable

PHASES = ("choice", "outcome")

UNITS = ("choice", "reward", "sum", "product", "value", "noise")

TIMESCALE = 2.0
"""Of the value, in trials."""


def example_recording(n_networks: int = 2, n_episodes: int = 40, n_trials: int = 10, seed: int = 0) -> xr.Dataset:
    """Make an example recording whose units encode known signals.

    Parameters
    ----------
    n_networks, n_episodes, n_trials : int
    seed : int

    Returns
    -------
    Dataset
        A recording with two phases in each trial, "choice" and "outcome". ``action`` at "choice" is 0 (left) or 1
        (right), ``reward`` at "outcome" 0 or 1, at random. ``value`` drifts over the trials of an episode:
        a first-order autoregression of variance 1 and a timescale of two trials. ``hidden`` has six units, named by the
        signal that they encode, with added Gaussian noise of variance 1: the choice (−1 or 1), at both phases; at
        "outcome" the reward (−1 or 1), the sum of choice and reward, or their product; the value, at both phases and
        without noise; nothing.

    Examples
    --------
    >>> recording = example_recording(n_episodes=100)
    >>> recording["unit"].values.tolist()
    ['choice', 'reward', 'sum', 'product', 'value', 'noise']
    >>> outcome = recording["hidden"].sel(step=recording["step"] % 2 == 1)
    >>> outcome.var(["network", "episode", "step"]).round().values.tolist()  # of the signal, and 1 of the noise
    [2.0, 2.0, 3.0, 2.0, 1.0, 1.0]
    """
    random = np.random.default_rng(seed)
    shape = (n_networks, n_episodes, n_trials)
    choice, reward = random.integers(0, 2, (2, *shape))
    value, noise = _drift(random, shape), random.normal(size=(*shape, len(PHASES), len(UNITS)))
    noise[..., UNITS.index("value")] = 0
    activity = noise + _signals(2 * choice - 1, 2 * reward - 1, value)
    steps = (*shape[:2], n_trials * len(PHASES))
    zero = np.zeros(shape)
    arrays = {
        "action": np.stack([choice, zero], axis=-1),
        "reward": np.stack([zero, reward], axis=-1),
        "trial": np.broadcast_to(np.arange(n_trials)[:, None], (*shape, len(PHASES))),
        "phase": np.broadcast_to(np.arange(len(PHASES)), (*shape, len(PHASES))),
        "value": np.stack([value, value], axis=-1),
        "hidden": activity,
    }
    made = xr.Dataset(
        {name: variable(name, array.reshape(*steps, *array.shape[4:])) for name, array in arrays.items()},
        {dim: np.arange(size) for dim, size in zip(STEP_DIMS, steps, strict=True)} | {"unit": list(UNITS)},
        {"trial_columns": ["choice1 = action at choice", "reward = reward at outcome"]},
    )
    made["phase"].attrs["flag_meanings"] = list(PHASES)
    return validate(made)


def volatility_example(n_networks: int = 2, n_episodes: int = 40, n_trials: int = 40, seed: int = 0) -> xr.Dataset:
    """Make an example recording in which one half of each episode is volatile, and one unit encodes it.

    Parameters
    ----------
    n_networks, n_episodes, n_trials : int
    seed : int

    Returns
    -------
    Dataset
        A recording with one phase, "choice". ``volatile`` is 1 in the second half of even episodes and in the first
        half of odd ones; ``action``, ``reward`` and ``p_reward`` are unrelated to it. ``hidden`` has two units with
        Gaussian noise of variance 1: "volatile", larger by 3 in volatile trials, and "noise".

    Examples
    --------
    >>> volatility_example(n_trials=4)["volatile"].values[0, :2].tolist()
    [[0, 0, 1, 1], [1, 1, 0, 0]]
    """
    made = example_recording(n_networks, n_episodes, n_trials, seed)
    choice, outcome = (made.isel(step=slice(place, None, len(PHASES))) for place in range(len(PHASES)))
    volatile = ((outcome["trial"] >= n_trials // 2) ^ (outcome["episode"] % 2 == 1)).astype("int8")
    noise = xr.concat(
        [each["hidden"].sel(unit="noise", drop=True).drop_vars("step") for each in (choice, outcome)], "unit"
    )
    gain = xr.DataArray([3.0, 0.0], {"unit": ["volatile", "noise"]})
    return validate(
        outcome.drop_dims("unit").assign(
            phase=xr.zeros_like(outcome["phase"]).assign_attrs(flag_meanings=["choice"]),
            action=choice["action"].drop_vars("step"),
            p_reward=outcome["value"].expand_dims(option=["left", "right"], axis=-1),
            volatile=volatile,
            hidden=(noise + gain * volatile.drop_vars("step")).transpose(*STEP_DIMS, "unit"),
        )
    )


def _drift(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return a stationary first-order autoregression over the last axis."""
    kept = np.exp(-1 / TIMESCALE)
    series = random.normal(size=shape)
    series[..., 1:] *= np.sqrt(1 - kept**2)
    for trial in range(1, shape[-1]):
        series[..., trial] += kept * series[..., trial - 1]
    return series


def _signals(choice: np.ndarray, reward: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return the signals of all units, [network, episode, trial, phase, unit]."""
    nothing = np.zeros(choice.shape)
    before = [choice, nothing, nothing, nothing, value, nothing]
    after = [choice, reward, choice + reward, choice * reward, value, nothing]
    return np.stack([np.stack(before, axis=-1), np.stack(after, axis=-1)], axis=-2)
