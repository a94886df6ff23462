"""Supplementary figure: with or without gates, trained units come within a factor of two of the world's timescale.

Networks of the two-step task with three kinds of units (LSTM: long short-term memory; GRU: gated recurrent units; RNN:
no gates), before and after training, all recorded with frozen weights; 8 networks each, 300 episodes of 100 trials.

a, autocorrelation of units at the first stage of the trial, LSTM network 0: Pearson's correlation over episodes between
trials t and t + lag, averaged over t; thin lines are units. Dashed, the world, which is the good state: if it reverses
with probability p per trial, its autocorrelation is (1 − 2 p)^lag, and its timescale −1 / ln(1 − 2 p). b, intrinsic
timescales of all units with a fit of r² at least 0.5 (in brackets, their fraction of all units), fitted as by Murray et
al. 2014 (doi:10.1038/nn.3862) to lags from 1 to 50 trials; line, median. Steps of a task have no duration in seconds,
so that timescales can be compared with those of neurons as ratios only, and no neurons are shown. c, median timescale
of each network, with mean and s.e.m. over networks, and paired t tests of trained against untrained, in logarithms
(scipy); crosses, networks that earn less than 0.6 per trial after training. d, power of dopamine (the reward-prediction
error) as a fraction of its total, by cycles per trial, without the part locked to the trial; dotted, with it. e, power
of units, without the part locked to the trial, each as a fraction of its total, median over units. d, e, mean and
s.e.m. over networks, Hann windows of 50 trials within episodes; dashed, untrained networks. Training makes units
slower. The rise towards one cycle per trial in e comes from units that encode the same variable with opposite signs at
the two stages of the trial. f, aperiodic exponent of units (IRASA, as in neurodsp) up to half a cycle per trial, median
of each network, with tests as in c.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import style
from analyses.claim import Claim, title
from analyses.timescale_panels import (
    LEARNED,
    STATES,
    Kinds,
    columns,
    draw_autocorrelation,
    draw_medians,
    draw_timescales,
    draw_worlds,
    in_trials,
    units,
    world_timescale,
)
from pfc_metarl.measures import autocorrelation, power_spectrum
from pfc_metarl.runs.run import Run

RUN = ("runs/two_step", "runs/two_step_gru", "runs/two_step_rnn")

CORES = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}

COLORS = {"lstm": style.NETWORK, "gru": style.MODEL_BASED, "rnn": style.MODEL_FREE}
BY_CORE = Kinds("core", CORES, COLORS, dict.fromkeys(CORES, LEARNED))

SEGMENT = 50
"""Trials."""


def tables(lstm: Run, gru: Run, rnn: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from runs of the experiment two_step and of its variants."""
    runs = dict(zip(CORES, (lstm, gru, rnn), strict=True))
    of_cores: dict[str, dict[str, xr.Dataset]] = {"units": {}, "dopamine": {}, "power": {}}
    for core, run in runs.items():
        recordings = {state: run.recording(name) for state, name in STATES.items()}
        for name, measure in (("units", units), ("dopamine", dopamine), ("power", unit_power)):
            of_states = {state: measure(recording) for state, recording in recordings.items()}
            of_cores[name][core] = style.stacked(of_states, "state")
    lags = {state: lstm.recording(name).isel(network=[0]) for state, name in STATES.items()}
    found = {state: autocorrelation(recording)[["correlation"]] for state, recording in lags.items()}
    return {
        "autocorrelation": style.stacked(found, "state").isel(subject=0, drop=True),
        "world": autocorrelation(lstm.recording("test"), "good_state")[["correlation"]].mean("subject"),
        "task": xr.Dataset(attrs={"p_reversal": lstm.manifest["settings"]["task"]["p_reversal"]}),
        **{name: style.stacked(of_core, "core") for name, of_core in of_cores.items()},
    }


def dopamine(recording: xr.Dataset) -> xr.Dataset:
    """Return the power of dopamine with and without the part locked to the trial, as fraction of the total with it."""
    asked = {"power": True, "power_with_trial": False}
    found = {name: _power(recording, "rpe", without)["power"] for name, without in asked.items()}
    whole = found["power_with_trial"].sum("frequency")
    return xr.Dataset({name: power / whole for name, power in found.items()}).drop_vars("hertz")


def unit_power(recording: xr.Dataset) -> xr.Dataset:
    """Return the power of a network's units, each as fraction of its total; the median over units."""
    power = _power(recording, "hidden", without_trial_mean=True)["power"]
    fraction = power / power.sum("frequency", skipna=False)
    return fraction.median("unit").to_dataset(name="power").drop_vars("hertz")


def _power(recording: xr.Dataset, variable: str, without_trial_mean: bool) -> xr.Dataset:
    per_trial = recording.sizes["step"] / (int(recording["trial"].max()) + 1)
    segment = min(round(SEGMENT * per_trial), recording.sizes["step"])
    return power_spectrum(recording, variable, without_trial_mean, steps_per_segment=segment)


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([{"a": 1.1, "b": 1.3, "c": 1.1}, {"d": 1.2, "e": 1.2, "f": 1}], height=125)
    p_reversal = tables["task"].attrs["p_reversal"]
    draw_autocorrelation(tables["autocorrelation"]["correlation"], tables["world"]["correlation"], ax=axes["a"])
    worlds = dict.fromkeys(CORES, world_timescale(p_reversal))
    draw_timescales(tables["units"], worlds, BY_CORE, ax=axes["b"])
    draw_medians(tables["units"], "timescale", BY_CORE, ax=axes["c"])
    draw_worlds(worlds, BY_CORE, axes["c"])
    in_trials(axes["c"])
    draw_power(tables["dopamine"], ax=axes["d"])
    axes["d"].set_ylabel("power of dopamine (fraction)")
    axes["d"].legend(loc="upper left", handlelength=1.2, labelspacing=0.2)
    draw_power(tables["power"], ax=axes["e"])
    axes["e"].set_ylabel("power of units (fraction)")
    draw_medians(tables["units"], "exponent", BY_CORE, ax=axes["f"])
    axes["f"].set_ylabel("median exponent of a network")
    return made


def draw_power(power: xr.Dataset, ax: Axes) -> Axes:
    """Draw power by frequency for each core, before and after training."""
    for core, state in columns(BY_CORE):
        color, line = COLORS[core], "-" if state == "trained" else "--"
        own = power.sel(core=core, state=state)
        mean, sem, _ = style.mean_sem(own["power"])
        label = CORES[core] if state == "trained" else None
        ax.plot(mean["frequency"], mean, line, color=color, linewidth=0.8, label=label)
        ax.fill_between(mean["frequency"], mean - sem, mean + sem, color=color, alpha=0.2, linewidth=0)
        if "power_with_trial" in own:
            ax.plot(mean["frequency"], style.mean_sem(own["power_with_trial"])[0], ":", color=color, linewidth=0.8)
    ax.plot([], [], "--", color="black", linewidth=0.8, label="untrained")
    ax.set(xscale="log", yscale="log", xlabel="cycles per trial")
    ax.set_xticks([0.02, 0.1, 0.5, 1], ["0.02", "0.1", "0.5", "1"])
    ax.minorticks_off()
    return ax


def _medians(tables: Mapping[str, xr.Dataset], core: str, state: str) -> xr.DataArray:
    """Return the median timescale of each network, logarithm of 2."""
    return np.log2(tables["units"]["timescale"].sel(core=core, state=state).median("unit"))


def _against_world(tables: Mapping[str, xr.Dataset], core: str) -> xr.DataArray:
    return _medians(tables, core, "trained") - np.log2(world_timescale(tables["task"].attrs["p_reversal"]))


def _trained_over_untrained(tables: Mapping[str, xr.Dataset], core: str) -> xr.DataArray:
    return _medians(tables, core, "trained") - _medians(tables, core, "untrained")


TITLE = title(__doc__)
CLAIMS = (
    *(
        Claim(
            TITLE,
            f"median timescale of {label} units, trained, over that of the environment, logarithm of 2",
            lambda tables, core=core: _against_world(tables, core),
            "beyond a factor of 2",
            (-1.0, 1.0),
        )
        for core, label in CORES.items()
    ),
    *(
        Claim(
            "Training makes units slower.",
            f"median timescale of {label} units, trained over untrained, logarithm of 2",
            lambda tables, core=core: _trained_over_untrained(tables, core),
            "0: as before training",
        )
        for core, label in CORES.items()
    ),
)
