"""Supplementary figure: foraging networks code the richer arm in parallel, but choice misleads its decoders.

Two tasks: foraging (a-g; conditions: choice and reward of the last trial, and which arm is richer) and volatility (h-n;
choice, reward, and whether the environment is volatile). The panels are those of figS_geometry: a, h, variance of
activity over conditions (and, in foraging, phases), demixed; b, i, decoding and generalisation to conditions on which
the decoder was not trained (CCGP, Bernardi et al. 2020) of each of the 35 balanced dichotomies; c, j, their parallelism
scores; large symbols, means over networks, small ones, single networks; grey bands, 95 % of the null distribution,
clouds of trials at random positions. d, k, generalisation of four dichotomies before and after training; orange, if
only pairs are left out that differ in one factor. e, l, dimensionality (participation ratio). f, m, similarity of any
two networks' mean activity (linear CKA without bias), and g, n, their Procrustes disparity (0, the same, to 1); orange,
with the conditions of one network exchanged at random. Recordings with frozen weights; 100 test episodes of 100 trials
(foraging, at fixation), and 60 of 200 trials in each of both orders (volatility). Bars are means over networks, error
bars s.e.m., dots single networks, or pairs of networks in f, g, m, n; n = 8 networks in each task.

The code of the richer arm is parallel, but weaker than those of choice and reward. Its decoders generalise to pairs of
conditions that differ in nothing else, and not to all pairs: if the pair left out differs in choice too, choice
predicts the arm in the training and misleads the decoder. Decoders of volatility fail in conditions on which they were
not trained.
"""

from collections.abc import Mapping

import xarray as xr
from matplotlib.figure import Figure

from analyses import geometry_panels, geometry_tables, style
from analyses.claim import Claim, title
from analyses.foraging_units import richer
from analyses.unit_tables import won
from pfc_metarl.data.combining import joined
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures import previous
from pfc_metarl.measures.units.regressors import side
from pfc_metarl.runs.run import Run

RUN = ("runs/foraging", "runs/volatility")
ENDS = {"trained": "", "untrained": "_untrained"}
"""Networks -> end of the name of their recordings."""

EPISODES = 60
"""Of each order in the volatility task."""

ORDERS = ("stable_first", "volatile_first")
LATENT = {"foraging": "richer arm", "volatility": "volatile"}
PANELS = {"foraging": "abcdefg", "volatility": "hijklmn"}

PRODUCT = "-1,0,0 | -1,0,1 | 1,1,0 | 1,1,1"
"""The split by choice x reward: left without reward and right with it, or the reverse."""


def tables(foraging: Run, volatility: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from runs of the experiments foraging and volatility."""
    made = {
        "foraging": {who: foraging.recording(f"units{end}").load() for who, end in ENDS.items()},
        "volatility": {who: both_orders(volatility, end) for who, end in ENDS.items()},
    }
    found = {task: geometry_tables.geometry(made[task], FACTORS[task]) for task in made}
    return {f"{task}_{name}": table for task, each in found.items() for name, table in each.items()}


def both_orders(run: Run, end: str) -> xr.Dataset:
    """Return the recordings of both orders of the halves as one."""
    return joined(*(run.recording(f"units_{order}{end}").isel(episode=slice(EPISODES)).load() for order in ORDERS))


def foraging_factors(recording: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return the factors of the conditions in foraging."""
    return {**last_factors(recording), "richer arm": richer(recording)}


def volatility_factors(recording: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return the factors of the conditions in the volatility task."""
    return {**last_factors(recording), "volatile": trial_view(recording, "volatile", "choice")}


FACTORS = {"foraging": foraging_factors, "volatility": volatility_factors}


def last_factors(recording: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return the choice and the reward of the last trial."""
    return {"choice": previous(side(recording)), "reward": previous(won(recording))}


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    rows = [
        dict(zip(row, (1.0, 1.0, 1.0) if len(row) == 3 else (1.2, 0.7, 1.0, 1.0), strict=True))
        for letters in PANELS.values()
        for row in (letters[:3], letters[3:])
    ]
    made, axes = style.figure(rows, height=225)
    for task, letters in PANELS.items():
        own = {name.removeprefix(f"{task}_"): table for name, table in tables.items() if name.startswith(task)}
        latent = LATENT[task]
        named = {"choice": "choice", "reward": "reward", latent: latent, PRODUCT: "choice x reward"}
        geometry_panels.draw_geometry(own, letters, axes, named, latent)
        axes[letters[0]].set_title(f"{task}, n = {own['demixed'].sizes['subject']} networks")
    return made


def parallel(tables: Mapping[str, xr.Dataset]) -> xr.DataArray:
    """Return the parallelism score of the richer arm, − that of clouds of trials at random positions."""
    found = tables["foraging_dichotomies"]
    return found["parallelism"].sel(dichotomy=LATENT["foraging"]) - found["parallelism_null"].mean("draw")


TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "foraging: parallelism of the richer arm − clouds of trials at random positions",
        parallel,
        "0: conditions at random positions",
    ),
    Claim(
        TITLE,
        "foraging: generalisation (CCGP) of the richer arm to all pairs of conditions",
        lambda tables: tables["foraging_dichotomies"]["generalisation"].sel(dichotomy=LATENT["foraging"]),
        "0.75 or more: half-way from guessing to certainty",
        (None, 0.75),
    ),
    Claim(
        "Its decoders generalise to pairs of conditions that differ in nothing else, and not to all pairs",
        "foraging: generalisation of the richer arm to pairs that differ in nothing else − to all pairs",
        lambda tables: (
            tables["foraging_dichotomies"]["generalisation_neighbours"]
            - tables["foraging_dichotomies"]["generalisation"]
        ).sel(dichotomy=LATENT["foraging"]),
        "0: the same",
    ),
    Claim(
        "Decoders of volatility fail in conditions on which they were not trained.",
        "volatility: generalisation (CCGP) of whether the environment is volatile",
        lambda tables: tables["volatility_dichotomies"]["generalisation"].sel(dichotomy=LATENT["volatility"]),
        "0.5 or more: as guessing, or better",
        (None, 0.5),
    ),
)
