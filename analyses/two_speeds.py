"""Two speeds of learning on one axis: of the weights, and of the activity while the weights are frozen.

Each is a fraction of the change from chance level to its final level, against the number of trials.
"""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from analyses import style
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.runs.run import Run

SMOOTH = 10
"""Updates averaged for a point of the slow curve."""


def slow(run: Run, chance: float) -> xr.DataArray:
    """Return the progress of learning by the weights, against the trials of the training.

    Parameters
    ----------
    run : Run
    chance : float
        Reward per trial.

    Returns
    -------
    DataArray, (subject, trial)
    """
    history = run.history()
    per_update = history.attrs["episodes_per_update"] * run.manifest["settings"]["task"]["n_trials"]
    reward = history["reward_per_trial"].rolling(update=SMOOTH, min_periods=1).mean()
    lived = reward.rename(network="subject", update="trial").assign_coords(trial=history["update"].values * per_update)
    return normalised(lived.transpose("subject", "trial"), chance)


def fast(recording: xr.Dataset, n_trials: int) -> xr.DataArray:
    """Return the progress of learning by activity with frozen weights, against the trials of an episode.

    Parameters
    ----------
    recording : Dataset
        Of a bandit of two arms that pay with probabilities `p_reward`.
    n_trials : int
        Trials from the beginning of an episode to look at.

    Returns
    -------
    DataArray, (subject, trial)
        From the probability of choosing the better arm, averaged over episodes.
    """
    policy, p_reward = (trial_view(recording, name, "choice").values for name in ("policy", "p_reward"))
    better = np.take_along_axis(policy, p_reward.argmax(-1)[..., None], axis=-1)[..., 0]
    trial = np.arange(1, n_trials + 1)
    by_trial = xr.DataArray(better[:, :, :n_trials].mean(1), {"trial": trial}, ("subject", "trial"))
    return normalised(by_trial, chance=0.5)


def normalised(learned: xr.DataArray, chance: float) -> xr.DataArray:
    """Return a curve as fraction of the change from chance level to its end, the mean of its last tenth.

    Examples
    --------
    >>> curve = xr.DataArray([[0.5, 0.6, *[0.7] * 8]], dims=("subject", "trial"))
    >>> normalised(curve, chance=0.5).values[0, :3].round(3).tolist()
    [0.0, 0.5, 1.0]
    """
    end = learned.isel(trial=slice(-max(1, learned.sizes["trial"] // 10), None)).mean("trial")
    return (learned - chance) / (end - chance)


def trials_to_half(progress: xr.DataArray) -> xr.DataArray:
    """Return the first trial at which each subject reaches half of the change; NaN if it never does."""
    reached = progress >= 0.5
    first = progress["trial"].values[reached.argmax("trial").values]
    return xr.DataArray(first, dims="subject").where(reached.any("trial").values)


def draw_two_speeds(of_weights: xr.DataArray, of_activity: xr.DataArray, ax: Axes) -> Axes:
    """Draw both curves against the logarithm of the number of trials, and compare their times to one half."""
    drawn = {
        "activity, weights frozen": (of_activity, style.NETWORK),
        "weights, in training": (of_weights, style.FAINT),
    }
    for label, (progress, color) in drawn.items():
        trial, (mean, sem, n) = progress["trial"], style.mean_sem(progress)
        ax.plot(trial, progress.transpose("trial", "subject"), color=color, linewidth=0.3, alpha=0.6)
        ax.plot(trial, mean, color=color, label=label)
        ax.fill_between(trial, mean - sem, mean + sem, color=color, alpha=0.3, linewidth=0)
    slower = np.log10(trials_to_half(of_weights) / trials_to_half(of_activity))
    mean, _, n = style.mean_sem(slower)
    times = f"{float(f'{10 ** float(mean):.1g}'):,.0f}"
    text = f"half of the change: activity needs\n1 / {times} of the trials\n(geometric mean, n = {n})"
    ax.text(0.36, 0.46, text, transform=ax.get_yaxis_transform(), ha="left", va="top", fontsize=6)
    ax.axhline(0.5, color=style.FAINT, linewidth=0.5, linestyle=":")
    ax.set(xscale="log", xlabel="trials", ylabel="learned (fraction of the change)", ylim=(-0.2, 1.2))
    ax.legend(loc="center left", handlelength=1.2, bbox_to_anchor=(0.36, 0.62))
    return ax
