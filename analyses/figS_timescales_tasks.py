"""Supplementary figure: training makes units slower or faster, towards the timescale of the environment.

Networks of three tasks before and after training, recorded with frozen weights. Two-step: the good state reverses with
probability p per trial, and has the timescale −1 / ln(1 − 2 p). Foraging: the value of targets is constant in an
episode; a target of mean value p is baited with the timescale −1 / ln(1 − p). Volatility: in training the arms of
volatile environments reverse with probability p, −1 / ln(1 − 2 p); in the recorded episodes one half is stable, in the
other the arms reverse every 25 trials.

a, b, autocorrelation of units of foraging and of volatility (stable half first), network 0, as in figS_timescales a:
Pearson's correlation over episodes between trials t and t + lag, averaged over t. If reversals occur at the same trials
in all episodes, it shows the schedule itself. For volatility (b to d), the mean over episodes with the same good arms
was therefore subtracted at each trial; the remainder is the memory of outcomes and choices. c, intrinsic timescales of
all units whose fit has r² of at least 0.5 (in brackets, their fraction); line, median; dashed, the environment. d,
median timescale of each network, with mean and s.e.m. over networks and paired t tests of trained against untrained, in
logarithms (scipy); crosses, networks that earn less than half of the possible reward above chance level. e, the same
for the stable and the volatile half, averaged in logarithms over both orders of the halves, which removes effects of
order; tests paired, in logarithms; left, with the mean of the good arms subtracted, right, without. f, aperiodic
exponent of units (IRASA), median of each network, with tests as in d; n = 8 networks throughout.

Training moves the timescale of units towards that of the environment: units become slower in the two-step task, and
faster in the volatility task. In foraging nothing has to be forgotten: what units encode of the targets' value is
constant, most units also alternate with the choices, and only a quarter decay at all, so that medians are those of a
minority, and no claim rests on them. The expected effect that units are faster in the volatile half is small, if there
is one: memory of outcomes is shorter by an eighth (p is not corrected for the four tests of the panel). Without the
subtraction units seem slower there, but this is the schedule: a constant, such as the good arm of a stable half, is
fitted by the offset, and reversals after 25 trials by the timescale.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import style
from analyses.claim import Claim, title
from analyses.significance import t_test
from analyses.timescale_panels import (
    GOOD_FIT,
    LEARNED,
    STATES,
    Kinds,
    draw_autocorrelation,
    draw_medians,
    draw_timescales,
    draw_worlds,
    in_trials,
    units,
    world_timescale,
)
from pfc_metarl.measures import autocorrelation, intrinsic_timescale
from pfc_metarl.runs.run import Run

RUN = ("runs/two_step", "runs/foraging", "runs/volatility")
TASKS = {"two_step": "two-step", "foraging": "foraging", "volatility": "volatility"}
COLORS = {"two_step": style.NETWORK, "foraging": style.MODEL_BASED, "volatility": style.MODEL_FREE}
# Science sheet: chance 0.376 and ideal observer 0.445 in foraging; 0.5 and about 0.7 for volatility.
BY_TASK = Kinds("task", TASKS, COLORS, {"two_step": LEARNED, "foraging": 0.41, "volatility": LEARNED})

ORDERS = ("stable_first", "volatile_first")
HALVES = ("stable", "volatile")
WORLDS = {"world_out": True, "world_in": False}


def tables(two_step: Run, foraging: Run, volatility: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from runs of the three experiments."""
    probes = {"two_step": (two_step, "test"), "foraging": (foraging, "test"), "volatility": (volatility, ORDERS[0])}
    of_tasks: dict[str, xr.Dataset] = {}
    lags: dict[str, dict[str, xr.Dataset]] = {task: {} for task in ("foraging", "volatility")}
    for task, (run, probe) in probes.items():
        of_states = {}
        for state, name in STATES.items():
            recording = _read(run, name.replace("test", probe))
            recording = without_world(recording) if task == "volatility" else recording
            of_states[state] = units(recording)
            if task in lags:
                found = autocorrelation(recording.isel(network=[0]), max_lag=50)
                lags[task][state] = found[["correlation"]].isel(subject=0, drop=True)
        of_tasks[task] = style.stacked(of_states, "state")
    return {
        "units": style.stacked(of_tasks, "task"),
        **{f"lags_{task}": _along("state", found) for task, found in lags.items()},
        "halves": halves(volatility),
        "worlds": xr.Dataset(attrs=world_timescales(two_step, foraging, volatility)),
    }


def _read(run: Run, name: str) -> xr.Dataset:
    recording = run.recording(name)
    wanted = ("action", "reward", "trial", "phase", "hidden", "p_reward", "p_base", "volatile", "good_state")
    others = ("choice1", "state2", "common")
    return recording[[variable for variable in (*wanted, *others) if variable in recording]].load()


def _along(dim: str, found: Mapping[str, xr.Dataset]) -> xr.Dataset:
    return xr.concat(list(found.values()), xr.IndexVariable(dim, list(found)))


def world_timescales(two_step: Run, foraging: Run, volatility: Run) -> dict[str, float]:
    """Return the timescale of each environment, in trials."""
    task = {run.manifest["experiment"]: run.manifest["settings"]["task"] for run in (two_step, foraging, volatility)}
    first, second, third = task.values()
    return {
        "two_step": world_timescale(first["p_reversal"]),
        "foraging": world_timescale(second["p_sum"] / 4),  # of a target of mean worth, p_sum / 2
        "volatility": world_timescale(third["p_reversal"]),
    }


def without_world(recording: xr.Dataset) -> xr.Dataset:
    """Subtract from activity, at each step, its mean over the episodes with the same reward probabilities."""
    hidden, worth = recording["hidden"].values.astype(float), recording["p_reward"].values[..., 0]
    for own, world in zip(hidden, worth, strict=True):
        same = np.unique(world, axis=0, return_inverse=True)[1].ravel()
        for which in range(same.max() + 1):
            own[same == which] -= own[same == which].mean(axis=0)
    return recording.assign(hidden=(recording["hidden"].dims, hidden))


def halves(run: Run) -> xr.Dataset:
    """Return the median timescale of each network in stable and volatile halves, with and without the world."""
    found = {}
    for state, name in STATES.items():
        of_orders = []
        for order in ORDERS:
            recording = _read(run, name.replace("test", order))
            parts = {"volatile" if half["volatile"].values.all() else "stable": half for half in _split(recording)}
            of_orders.append(_along("half", {half: medians(parts[half]) for half in HALVES}))
        found[state] = np.exp(np.log(xr.concat(of_orders, "order")).mean("order"))
    return _along("state", found)


def _split(recording: xr.Dataset) -> tuple[xr.Dataset, xr.Dataset]:
    middle = recording.sizes["step"] // 2
    first, second = recording.isel(step=slice(middle)), recording.isel(step=slice(middle, None))
    return first, second.assign(trial=second["trial"] - second["trial"].min())


def medians(recording: xr.Dataset) -> xr.Dataset:
    """Return the median timescale of a network's units, with and without the effect of the world."""
    made = {}
    for name, without in WORLDS.items():
        found = intrinsic_timescale(without_world(recording) if without else recording)
        made[name] = found["timescale_trials"].where(found["r_squared"] >= GOOD_FIT).median("unit")
    return xr.Dataset(made)


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([{"a": 1, "b": 1, "c": 1.5}, {"d": 1.2, "e": 1.5, "f": 1.2}], height=125)
    worlds = {str(task): float(trials) for task, trials in tables["worlds"].attrs.items()}
    for panel, task in (("a", "foraging"), ("b", "volatility")):
        draw_autocorrelation(tables[f"lags_{task}"]["correlation"], None, ax=axes[panel])
        axes[panel].set_title(TASKS[task], color=COLORS[task])
        axes[panel].set_ylim(-0.45, 1.25)
    draw_timescales(tables["units"], worlds, BY_TASK, ax=axes["c"])
    draw_medians(tables["units"], "timescale", BY_TASK, ax=axes["d"])
    draw_worlds(worlds, BY_TASK, axes["d"])
    in_trials(axes["d"])
    draw_halves(tables["halves"], ax=axes["e"])
    in_trials(axes["e"]).set_ylim(0.8, 15)
    draw_medians(tables["units"], "exponent", BY_TASK, ax=axes["f"])
    axes["f"].set_ylabel("median exponent of a network")
    for panel in "def":
        axes[panel].set_title(panel, loc="left", x=-0.2, fontsize=9, fontweight="bold")  # beside the names of tasks
    return made


def draw_halves(found: xr.Dataset, ax: Axes) -> Axes:
    """Draw the timescale of each network in stable and volatile halves, before and after training."""
    groups = [(world, state) for world in WORLDS for state in STATES]
    labels = []
    for place, (world, state) in enumerate(groups):
        color = COLORS["volatility"] if state == "trained" else style.FAINT
        pair = found[world].sel(state=state, half=list(HALVES))
        x = 2 * place + np.arange(2)
        ax.plot(x, pair.transpose("half", "subject"), ".-", color=color, linewidth=0.4, markersize=2)
        mean, sem, _ = style.mean_sem(pair)
        ax.errorbar(x, mean, sem, color=color, linewidth=1.6)
        text = t_test(np.log(pair).diff("half").values.ravel()).replace(", ", "\n")
        ax.text(x.mean(), 0.99, text, transform=ax.get_xaxis_transform(), ha="center", va="top", fontsize=6)
        labels += [f"{half}" for half in HALVES]
        ax.text(x.mean(), 1.01, state, transform=ax.get_xaxis_transform(), ha="center", va="bottom", fontsize=6)
    ax.set_xticks(range(len(labels)), labels, rotation=40, ha="right", rotation_mode="anchor")
    ax.set_xlim(-0.5, len(labels) - 0.5)
    ax.axvline(len(labels) / 2 - 0.5, color=style.FAINT, linewidth=0.5)
    for x, text in ((0.25, "world subtracted"), (0.75, "with the world")):
        ax.text(x, 0.02, text, transform=ax.transAxes, ha="center", va="bottom", fontsize=6)
    return ax


def _nearer(tables: Mapping[str, xr.Dataset], task: str) -> xr.DataArray:
    """Return by how many doublings units are nearer to the timescale of the environment than before training."""
    median = np.log2(tables["units"]["timescale"].sel(task=task).median("unit"))
    far = abs(median - np.log2(tables["worlds"].attrs[task]))
    return far.sel(state="untrained") - far.sel(state="trained")


TITLE = title(__doc__)
CLAIMS = (
    *(
        Claim(
            TITLE,
            f"distance of the median timescale from that of the environment, {label}: untrained − trained",
            lambda tables, task=task: _nearer(tables, task),
            "0: as far as before training",
        )
        for task, label in TASKS.items()
        if task != "foraging"
    ),
)
