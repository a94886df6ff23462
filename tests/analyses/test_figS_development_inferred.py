import numpy as np
import pytest
import xarray as xr

from analyses import figS_development_inferred as figure
from analyses.claim import with_tests
from pfc_metarl import experiments
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_INFERRED_VALUE
from pfc_metarl.simulation.recording import record

UPDATES = [0, 10, 20, 40, 80]


def test_runs_are_those_of_the_development():
    assert all(probe.snapshots for probe in experiments.load(figure.RUN.removeprefix("runs/")).probes.values())


def test_an_observer_infers_and_a_cue_learner_does_not():
    task = experiments.load("inferred_value").task
    found = {}
    for name in ("reversal_observer", "cue_learner"):
        made = record(task, REFERENCE_AGENTS_INFERRED_VALUE[name], n_episodes=60, seed=0, networks=(0, 1))
        activity = np.random.default_rng(0).normal(size=(*made["reward"].shape, 3))
        found[name] = figure.of_inferred(made.assign(hidden=((*made["reward"].dims, "unit"), activity)))
        assert (found[name]["dimensions"] > 2.5).all()  # three equal and independent dimensions
        assert (found[name]["before"].sel(event="cue") > 0.2).all()
    assert (found["reversal_observer"]["after"].sel(change="inferred") > 0.2).all()
    assert (found["cue_learner"]["after"].sel(change="inferred") < -0.2).all()


def tables(infers):
    """Tables in which dopamine moves to the cue, and reflects what has to be inferred, or the opposite of it."""
    grow = np.array([0.0, 0.5, 1.0, 1.0, 1.0])
    noise = 0.003 * np.arange(4)[:, None] * np.random.default_rng(0).normal(size=(4, 5))  # none in the first network

    def made(values, **coords):
        dims = (*coords, "subject", "update")
        shaped = np.broadcast_to(values, (*(len(each) for each in coords.values()), 4, 5)) + noise
        return xr.DataArray(shaped, {**coords, "update": UPDATES}, dims)

    before = np.stack([grow, 1 - 0.5 * grow])[:, None]
    after = np.stack([grow, grow if infers else -grow])[:, None]
    found = {
        "before": made(before, event=["cue", "outcome"]),
        "after": made(after, change=["experienced", "inferred"]),
        "dimensions": made(1 + grow),
    }
    return {"inferred": xr.Dataset(found)}


@pytest.mark.parametrize("infers", [True, False])
def test_the_title_needs_dopamine_that_moves_and_infers(infers):
    moves, inferred = with_tests("figS_development_inferred", figure.CLAIMS, tables(infers))
    assert moves.holds
    assert moves.mean == pytest.approx(2 / 3, abs=0.02)  # 1 of 1.5 at the cue at the end, 0 before
    assert inferred.holds is infers
    assert inferred.mean == pytest.approx(0.5 if infers else -0.5, abs=0.02)  # half of it was there by then


def test_all_panels_are_drawn():
    made = figure.draw(tables(infers=True))
    assert [ax.get_xlabel() for ax in made.get_axes() if ax.get_ylabel()] == ["updates of the weights"] * 3
