"""Recordings and trial tables with known properties, so that the correct result of a measure is known."""

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.dataset import variable


def recording(phase_names, trial_columns=(), extra_dims=None, **values):
    """A recording of one network, or of more; values are [episode, step, ...] or [network, episode, step, ...]."""
    arrays = {name: np.asarray(value) for name, value in values.items()}
    arrays = {name: value if arrays["trial"].ndim == 3 else value[None] for name, value in arrays.items()}
    for name in ("action", "reward"):
        arrays.setdefault(name, np.zeros(arrays["trial"].shape))
    extra = extra_dims or {}
    made = xr.Dataset({name: variable(name, value, extra.get(name, ())) for name, value in arrays.items()})
    made["phase"].attrs["flag_meanings"] = list(phase_names)
    made.attrs["trial_columns"] = list(trial_columns)
    return made


def table(choice1, common, reward, subject=0, session=0, **columns):
    """A trial table of one session."""
    columns = {"choice1": choice1, "common": common, "reward": reward, **columns}
    return pd.DataFrame({"subject": subject, "session": session, "trial": np.arange(len(choice1)), **columns})


def random_trials(rng, n_subjects, n_sessions, n_trials):
    """A trial table of agents that choose, and worlds that pay, at random."""
    n = n_subjects * n_sessions * n_trials
    keys = np.indices((n_subjects, n_sessions, n_trials)).reshape(3, n)
    chance = {"choice1": 0.5, "common": 0.8, "reward": 0.5}
    columns = {name: (rng.random(n) < p).astype(int) for name, p in chance.items()}
    return pd.DataFrame({**dict(zip(("subject", "session", "trial"), keys, strict=True)), **columns})


TINY = (
    *("--networks", "2", "--updates", "2", "--workers", "1"),
    *("--set", "task.n_trials=10", "--set", "network.units=6", "--set", "probes.test.episodes=4"),
)
"""Options of a run of the two-step experiment that takes a second."""

BANDIT = Path(__file__).with_name("bandit.py").read_text(encoding="utf-8")
"""The text of a lab's own task."""


def bandit_recording(p_left, hidden):
    """Return a recording of one network on two arms with probabilities p_left and 1 − p_left, [episode]."""
    n_episodes, n_trials, _ = hidden.shape
    trial = np.broadcast_to(np.arange(n_trials), (1, n_episodes, n_trials))
    p_reward = np.broadcast_to(np.stack([p_left, 1 - p_left], -1)[None, :, None], (1, n_episodes, n_trials, 2))
    made = recording(["choice"], trial=trial, phase=0 * trial, action=trial % 2, hidden=hidden[None])
    made["p_reward"] = (("network", "episode", "step", "option"), p_reward)
    return made.assign_coords(option=["left", "right"])
