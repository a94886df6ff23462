"""Supplementary figure: in slow noise, tests by whole episodes have few false positives, tests by trials have many.

Slow activity and slow variables of the task correlate by chance (Harris 2021). Here activity is noise, so that every
positive is false: autoregressive noise of order one with the timescale on the abscissa (0, white noise), in place of
the units of 8 networks of the two-step task, in 50 of their test episodes of 100 trials. Its relation to the state
that is good in these episodes, which reverses with a timescale of 20 trials, is tested. Noise begins anew in each
episode, as memory does. a, encoding, 25 noise units for each network: fraction of units with p below 0.05 in a
regression that takes trials as independent, in one whose errors are clustered by episode, and if whole episodes are
permuted. b, decoding from 5 noise units at a time: fraction of decoders with p below 0.05 if the accuracy is tested
as if trials were independent (one-sided normal test against 0.5), and against decoders of the states of other episodes
(19 permutations). Error bars, 95 % intervals of a proportion (Wilson); dashed, 0.05. All claims about units in the
figures of this project are tested by other episodes, by clustered errors, or over networks.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from analyses import style
from analyses.claim import Claim, title
from analyses.unit_tables import thinned
from pfc_metarl.data.dataset import STEP_DIMS
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures import permuted_encoding, population_decoding, unit_encoding
from pfc_metarl.runs.run import Run

RUN = "runs/two_step"

TIMESCALES = (0, 1, 3, 10, 30)
"""Trials."""
N_EPISODES, N_UNITS, UNITS_OF_DECODER, N_SHUFFLES, EVERY = 50, 25, 5, 19, 5
LEVEL = 0.05
PHASE = "first_stage"

TESTS = {
    "independent": ("trials as independent", style.MODEL_FREE),
    "clustered": ("errors clustered by episode", style.OPTIMUM),
    "permuted": ("whole episodes permuted", style.NETWORK),
}


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from a run of the experiment two_step."""
    test = run.recording("test")[["trial", "phase", "action", "reward", "good_state"]].isel(episode=slice(N_EPISODES))
    of_timescales = [_of_timescale(test.load(), timescale) for timescale in TIMESCALES]
    index = xr.IndexVariable("timescale", list(TIMESCALES))
    return {
        kind: xr.concat([found[kind] for found in of_timescales], index, join="exact")
        for kind in ("encoding", "decoding")
    }


def _of_timescale(test: xr.Dataset, timescale: float) -> dict[str, xr.Dataset]:
    state = trial_view(test, "good_state", PHASE).astype(float)
    noise = with_noise(test, state.shape, timescale)
    return {"encoding": encoding(noise, state), "decoding": decoding(noise, state)}


def with_noise(test: xr.Dataset, of_trials: tuple[int, ...], timescale: float) -> xr.Dataset:
    """Return a recording whose units are autoregressive noise of variance 1, the same at all steps of a trial."""
    random = np.random.default_rng(round(10 * timescale))
    drawn = random.normal(size=(*of_trials, N_UNITS))
    memory = float(np.exp(-1 / timescale)) if timescale else 0.0
    for trial in range(1, of_trials[2]):
        drawn[:, :, trial] = memory * drawn[:, :, trial - 1] + np.sqrt(1 - memory**2) * drawn[:, :, trial]
    units = np.repeat(drawn, test.sizes["step"] // of_trials[2], axis=2)
    return test.assign(hidden=((*STEP_DIMS, "unit"), units))


def encoding(noise: xr.Dataset, state: xr.DataArray) -> xr.Dataset:
    """Return the fraction of a network's units with p below the level, by test."""
    regressors = {"state": state}
    p_values = {
        "independent": unit_encoding(noise, regressors, PHASE, clusters=None)["p_value"].isel(regressor=0, drop=True),
        "clustered": unit_encoding(noise, regressors, PHASE)["p_value"].isel(regressor=0, drop=True),
        "permuted": permuted_encoding(noise, regressors, "state", PHASE, n_permutations=99)["p_value"],
    }
    found = [(each <= LEVEL).mean("unit") for each in p_values.values()]
    return xr.concat(found, xr.IndexVariable("test", list(p_values))).to_dataset(name="fraction")


def decoding(noise: xr.Dataset, state: xr.DataArray) -> xr.Dataset:
    """Return the fraction of a network's decoders with p below the level, by test."""
    target, found = thinned(state, EVERY), []
    for first in range(0, N_UNITS, UNITS_OF_DECODER):
        some = noise.isel(unit=slice(first, first + UNITS_OF_DECODER))
        read = population_decoding(some, target, "classes", PHASE, n_folds=3, n_shuffles=N_SHUFFLES)
        z = (read["score"].sel(metric="accuracy", drop=True) - 0.5) * 2 * np.sqrt(read["n_trials"])
        p_values = {
            "independent": z.copy(data=stats.norm.sf(z)),
            "permuted": read["p_value"].sel(metric="auc", drop=True),
        }
        found.append(xr.concat(list(p_values.values()), xr.IndexVariable("test", list(p_values))) <= LEVEL)
    return xr.concat(found, "decoder").mean("decoder").to_dataset(name="fraction")


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    made, axes = style.figure([{"a": 1, "b": 1}], height=65)
    n = N_UNITS // UNITS_OF_DECODER
    draw_fractions(tables["encoding"]["fraction"], N_UNITS, ax=axes["a"])
    axes["a"].set(title="encoding", ylabel="fraction of noise units with p < 0.05")
    axes["a"].legend(loc="upper left")
    draw_fractions(tables["decoding"]["fraction"], n, ax=axes["b"])
    axes["b"].set(title="decoding", ylabel="fraction of decoders with p < 0.05")
    return made


def draw_fractions(fraction: xr.DataArray, n_each: int, ax: Axes) -> Axes:
    """Draw the fraction of false positives of each test against the timescale of noise, with its interval."""
    n = n_each * fraction.sizes["subject"]
    places = np.arange(fraction.sizes["timescale"])
    for shift, test in enumerate(fraction["test"].values):
        label, color = TESTS[str(test)]
        mean = fraction.sel(test=test).mean("subject").values
        intervals = [stats.binomtest(round(float(each * n)), n).proportion_ci(method="wilson") for each in mean]
        errors = np.abs(np.transpose([(own.low, own.high) for own in intervals]) - mean)
        ax.errorbar(places + 0.06 * (shift - 1), mean, errors, color=color, marker="o", markersize=3, label=label)
    ax.axhline(LEVEL, color=style.FAINT, linestyle="--", linewidth=0.6)
    ax.set_xticks(places, [f"{timescale:g}" for timescale in fraction["timescale"].values])
    ax.set(xlabel="timescale of the noise (trials)", ylim=(0, 1))
    return ax


def _of_slow(tables: Mapping[str, xr.Dataset], kind: str, test: str) -> xr.DataArray:
    return tables[kind]["fraction"].sel(test=test, timescale=[3, 10, 30]).mean("timescale")


TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "encoding, trials as independent: false positives in noise of 3 to 30 trials, fraction",
        lambda tables: _of_slow(tables, "encoding", "independent"),
        "0.1 or less: twice the level",
        (0.1, None),
    ),
    *(
        Claim(
            TITLE,
            f"{kind}, {words}: false positives in noise of 3 to 30 trials, fraction",
            lambda tables, kind=kind, test=test: _of_slow(tables, kind, test),
            "0.1 or more: twice the level",
            (None, 0.1),
        )
        for kind, test, words in (
            ("encoding", "permuted", "whole episodes permuted"),
            ("encoding", "clustered", "errors clustered by episode"),
            ("decoding", "permuted", "whole episodes permuted"),
        )
    ),
)
