"""Supplementary figure: foraging networks code the richer arm in parallel, but choice misleads its decoders.

The panels are those of figS_geometry; conditions are the choice and the reward of the last trial, and which arm is
richer. a, variance of activity over conditions and phases, demixed. b, decoding and generalisation to conditions on
which the decoder was not trained (CCGP, Bernardi et al. 2020, doi:10.1016/j.cell.2020.09.031) of each of the 35
balanced dichotomies. c, their parallelism scores; large symbols, means over networks, small ones, single networks; grey
bands, 95 % of the null distribution, clouds of trials at random positions. d, generalisation of four dichotomies before
and after training; orange, if only pairs are left out that differ in one factor. e, dimensionality (participation
ratio). f, similarity of any two networks' mean activity (linear CKA without bias), and g, their Procrustes disparity
(0, the same, to 1); orange, with the conditions of one network exchanged at random. Recordings with frozen weights, 100
test episodes of 100 trials, at fixation. Bars are means over networks, error bars s.e.m., dots single networks, or
pairs of networks in f and g; n = 8 networks. The volatility task is in figS_geometry_volatility.

The code of the richer arm is parallel, but weaker than those of choice and reward. Its decoders generalise to pairs of
conditions that differ in nothing else, and not to all pairs: if the pair left out differs in choice too, choice
predicts the arm in the training and misleads the decoder.
"""

from collections.abc import Mapping

import xarray as xr
from matplotlib.figure import Figure

from analyses import geometry_panels, geometry_tables
from analyses.claim import Claim, title
from analyses.foraging_units import richer
from pfc_metarl.runs.run import Run

RUN = "runs/foraging"
LATENT = "richer arm"


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from a run of the experiment foraging."""
    recorded = {who: run.recording(name).load() for who, name in RECORDED.items()}
    return geometry_tables.geometry(recorded, factors)


RECORDED = {"trained": "units", "untrained": "units_untrained"}
"""Networks -> name of their recording."""


def factors(recording: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return the factors of the conditions."""
    return {**geometry_tables.last_factors(recording), LATENT: richer(recording)}


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    return geometry_panels.figure(tables, LATENT)


def parallel(tables: Mapping[str, xr.Dataset]) -> xr.DataArray:
    """Return the parallelism score of the richer arm, − that of clouds of trials at random positions."""
    found = tables["dichotomies"]
    return found["parallelism"].sel(dichotomy=LATENT) - found["parallelism_null"].mean("draw")


TITLE = title(__doc__)
CLAIMS = (
    Claim(
        TITLE,
        "parallelism of the richer arm − clouds of trials at random positions",
        parallel,
        "0: conditions at random positions",
    ),
    Claim(
        TITLE,
        "generalisation (CCGP) of the richer arm to all pairs of conditions",
        lambda tables: tables["dichotomies"]["generalisation"].sel(dichotomy=LATENT),
        "0.75 or more: half-way from guessing to certainty",
        (None, 0.75),
    ),
    Claim(
        "Its decoders generalise to pairs of conditions that differ in nothing else, and not to all pairs",
        "generalisation of the richer arm to pairs that differ in nothing else − to all pairs",
        lambda tables: (
            tables["dichotomies"]["generalisation_neighbours"] - tables["dichotomies"]["generalisation"]
        ).sel(dichotomy=LATENT),
        "0: the same",
    ),
)
