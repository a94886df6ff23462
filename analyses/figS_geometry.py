"""Supplementary figure: trained two-step networks encode which state is good by a code that generalises over choices.

Conditions are defined by the last trial: the choice, the second-stage state and the reward. State and reward together
determine which state is good; neither does so alone. a, variance of activity over conditions and time (the two stages
of the present trial), demixed into what each factor, or a set of factors with or without time, explains beyond its
subsets; noise is removed. b, for each of the 35 balanced dichotomies (ways to split the eight conditions into halves),
decoding accuracy at the first stage, and cross-condition generalisation performance (CCGP, Bernardi et al. 2020,
doi:10.1016/j.cell.2020.09.031): accuracy in a pair of conditions, one of each side, on which the decoder was not
trained, mean over all 16 pairs. c, parallelism score of the same dichotomies: mean cosine between the vectors that join
the conditions of both sides, in the pairing in which they are most parallel. b, c, large symbols are means over
networks, small ones single networks, grey dots means of the other dichotomies; grey bands, 95 % of the null
distribution, clouds of trials at random positions. d, CCGP of four dichotomies before and after training (its mean over
all 35 is 0.5 by construction); orange, if only pairs are left out that differ in one factor. e, fraction of units whose
activity at the first stage depends on state or reward alone, on their sum, or on their combination (false discovery
rate 0.05; at least 1 % of the unit's variance). f, dimensionality of activity at each stage (participation ratio). g,
similarity of any two networks' mean activity in the eight conditions (linear CKA without bias), and h, the distance
that is left after the best rotation, shift and scale (Procrustes disparity, scipy; 0, the same, to 1); orange, with the
conditions of one network exchanged at random. Similarity is high before training too, because the percepts of the last
trial also reach untrained networks. Bars are means over networks, error bars s.e.m., dots single networks (g, h:
pairs); n in a. Untrained: the same networks with their initial weights.
"""

from collections.abc import Mapping

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyses import geometry_panels, geometry_tables, style
from analyses.claim import title
from analyses.geometry_panels import WHO
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures import mixed_selectivity, previous
from pfc_metarl.runs.run import Run

RUN = "runs/two_step"
EPISODES = 100
"""10,000 trials of each network."""

KINDS = ("pure", "linear mixed", "nonlinear mixed")


def tables(run: Run) -> dict[str, xr.Dataset]:
    """Measure what the figure shows, from a run of the experiment two_step."""
    made = {"trained": run.recording("test"), "untrained": run.recording("test_untrained")}
    made = {who: recording.isel(episode=slice(EPISODES)).load() for who, recording in made.items()}
    factors = {who: last_trial(recording) for who, recording in made.items()}
    mixed = {
        who: mixed_selectivity(recording, {name: factors[who][name] for name in ("state", "reward")}, at_least=0.01)
        for who, recording in made.items()
    }
    return {
        **geometry_tables.geometry(made, last_trial),
        "mixed": style.stacked({who: result[["p_units"]] for who, result in mixed.items()}, "who"),
    }


def last_trial(recording: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return choice, second-stage state and reward of the trial before each trial."""
    names = {"choice": "choice1", "state": "state2", "reward": "reward"}
    return {name: previous(trial_view(recording, field, "second_stage")) for name, field in names.items()}


def draw(tables: Mapping[str, xr.Dataset]) -> Figure:
    """Draw the figure from its tables."""
    rows = [{"a": 1.3, "b": 1, "c": 1}, {"d": 1.2, "e": 1, "f": 0.8}, {"g": 1, "h": 1}]
    made, axes = style.figure(rows, height=175)
    geometry_panels.draw_geometry(tables, "abcdfgh", axes, geometry_panels.NAMED, geometry_panels.PARITY)
    draw_mixed(tables["mixed"]["p_units"], ax=axes["e"])
    return made


def draw_mixed(fraction: xr.DataArray, ax: Axes) -> Axes:
    """Draw the fraction of units of each selectivity."""
    for group, kind in enumerate(KINDS):
        for k, (who, color) in enumerate(WHO.items()):
            geometry_panels.bar(
                ax,
                group + (k - 0.5) * 0.38,
                fraction.sel(who=who, kind=kind),
                0.34,
                color=color,
                alpha=0.6,
                label=who if not group else None,
            )
    ax.set_xticks(range(len(KINDS)), [kind.replace(" ", "\n") for kind in KINDS])
    ax.set(ylabel="fraction of units", ylim=(0, 1.35), yticks=[0, 0.5, 1])
    ax.legend(loc="upper left")
    return ax


TITLE = title(__doc__)
CLAIMS = geometry_panels.claims(TITLE, "", geometry_panels.PARITY, "state x reward")
