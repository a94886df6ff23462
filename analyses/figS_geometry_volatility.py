"""Supplementary figure: decoders of volatility fail in conditions on which they were not trained.

The panels are those of figS_geometry; conditions are the choice and the reward of the last trial, and whether the
environment is volatile. a, variance of activity over conditions, demixed. b, decoding and generalisation to conditions
on which the decoder was not trained (CCGP, Bernardi et al. 2020, doi:10.1016/j.cell.2020.09.031) of each of the 35
balanced dichotomies. c, their parallelism scores; large symbols, means over networks, small ones, single networks; grey
bands, 95 % of the null distribution, clouds of trials at random positions. d, generalisation of four dichotomies before
and after training; orange, if only pairs are left out that differ in one factor. e, dimensionality (participation
ratio). f, similarity of any two networks' mean activity (linear CKA without bias), and g, their Procrustes disparity
(0, the same, to 1); orange, with the conditions of one network exchanged at random. Recordings with frozen weights, 60
test episodes of 200 trials in each of both orders of the halves. Bars are means over networks, error bars s.e.m., dots
single networks, or pairs of networks in f and g; n = 8 networks. Foraging is in figS_geometry_foraging.
"""

from collections.abc import Mapping

import xarray as xr
from matplotlib.figure import Figure

from analyses import geometry_panels, geometry_tables
from analyses.claim import Claim, title
from pfc_metarl.data.combining import joined
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.runs.run import Run

RUN = "runs/volatility"
LATENT = "volatile"
ENDS = {"trained": "", "untrained": "_untrained"}
"""Networks -> end of the name of their recordings."""

EPISODES = 60
"""Of each order."""

ORDERS = ("stable_first", "volatile_first")


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from a run of the experiment volatility."""
    return geometry_tables.geometry({who: both_orders(run, end) for who, end in ENDS.items()}, factors)


def both_orders(run: Run, end: str) -> xr.Dataset:
    """Return the recordings of both orders of the halves as one."""
    return joined(*(run.recording(f"units_{order}{end}").isel(episode=slice(EPISODES)).load() for order in ORDERS))


def factors(recording: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return the factors of the conditions."""
    return {**geometry_tables.last_factors(recording), LATENT: trial_view(recording, "volatile", "choice")}


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    return geometry_panels.figure(tables, LATENT)


CLAIMS = (
    Claim(
        title(__doc__),
        "generalisation (CCGP) of whether the environment is volatile",
        lambda tables: tables["dichotomies"]["generalisation"].sel(dichotomy=LATENT),
        "0.5 or more: as guessing, or better",
        (None, 0.5),
    ),
)
