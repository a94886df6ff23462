import numpy as np
import pytest
import xarray as xr

from analyses import figS_development_volatility as figure
from analyses.claim import with_tests
from pfc_metarl import experiments
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_VOLATILITY
from pfc_metarl.simulation.recording import record

UPDATES = [0, 10, 20, 40, 80]
GROWTH = np.array([0.0, 0.5, 0.9, 1.0, 1.0])


def test_runs_are_those_of_the_development():
    probes = experiments.load(figure.RUN.removeprefix("runs/")).probes
    assert set(figure.ORDERS) == set(probes)
    assert all(probe.snapshots for probe in probes.values())


def recorded(agent):
    """Recordings of both orders, with two units that follow volatility and noise."""
    experiment = experiments.load("volatility_development")
    made = [
        record(experiment.probes[o].task(experiment.task, o), agent, n_episodes=12, seed=0, networks=(0, 1))
        for o in figure.ORDERS
    ]
    noise = np.random.default_rng(0)
    return [
        each.assign(
            hidden=(
                (*each["volatile"].dims, "unit"),
                each["volatile"].values[..., None] + noise.normal(size=(*each["volatile"].shape, 2)),
            )
        )
        for each in made
    ]


def test_a_learner_with_a_fixed_rate_does_not_adapt():
    found = figure.of_volatility(*recorded(REFERENCE_AGENTS_VOLATILITY["rescorla_wagner"]))
    assert (found["reward"] > 0.6).all()
    assert abs(found["adaptation"]).max() < 0.06
    assert found["rate"].values == pytest.approx(np.full((2, 2), 0.3), abs=0.1)  # its rate, in both halves
    assert (found["decoded"] > 0.7).all()
    assert (found["dimensions"] > 1.4).all()


def test_a_bayesian_learner_adapts_and_a_random_agent_has_no_rate():
    adapts = figure.of_volatility(*recorded(REFERENCE_AGENTS_VOLATILITY["training_observer"]))
    assert (adapts["adaptation"] > 0.1).all()
    random = figure.of_volatility(*recorded(REFERENCE_AGENTS_VOLATILITY["random"]))
    assert random["rate"].isnull().all()
    assert random["reward"].values == pytest.approx([0.5, 0.5], abs=0.05)


def tables(adaptation):
    """Tables of four networks whose reward grows by 0.2, and whose adaptation has a given course."""
    spread = 1 + 0.02 * np.random.default_rng(0).normal(size=(4, 5))

    def made(course):
        return xr.DataArray(course * spread, {"update": UPDATES}, ("subject", "update"))

    grown = {"reward": figure.CHANCE + made(0.2 * GROWTH), "adaptation": made(adaptation)}
    flat = {name: made(1 + GROWTH) for name in ("decoded", "shuffled", "dimensions")}
    rates = xr.concat([made(GROWTH), made(2 * GROWTH)], xr.IndexVariable("volatile", [0, 1]))
    return {"volatility": xr.Dataset({**grown, **flat, "rate": rates})}


@pytest.mark.parametrize(("adaptation", "ahead"), [([0.0, 0.0, 0.1, 0.2, 0.4], 0.55), (0.4 * GROWTH, 0.0)])
def test_the_title_needs_reward_ahead_of_adaptation(adaptation, ahead):
    # Reward is at 0.5, 0.9 and 1 of its end during training; adaptation at 0, 0.25 and 0.5, or at the same.
    (row,) = with_tests("figS_development_volatility", figure.CLAIMS, tables(np.array(adaptation)))
    assert row.mean == pytest.approx(ahead, abs=0.03)
    assert row.holds is (ahead > 0)


def test_all_panels_are_drawn():
    made = figure.draw(tables(GROWTH))
    assert [ax.get_xlabel() for ax in made.get_axes() if ax.get_ylabel()] == ["updates of the weights"] * 6
