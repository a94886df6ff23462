import numpy as np
import pytest
import xarray as xr

from analyses import figS_development_reward as figure
from analyses.claim import with_tests
from pfc_metarl import experiments
from pfc_metarl.experiments.reference_agents import (
    REFERENCE_AGENTS_BANDIT,
    REFERENCE_AGENTS_FORAGING,
    REFERENCE_AGENTS_RISKY_LEVER,
)
from pfc_metarl.simulation.recording import record

UPDATES = [0, 10, 20, 40]
GROWTH = np.array([0.0, 0.5, 0.9, 1.0])


def recorded(name, agent, follows, error):
    """Recordings of a development whose first unit and whose dopamine are given functions of the recording."""
    experiment = experiments.load(f"{name}_development")
    noise = np.random.default_rng(0)
    found = []
    for probe_name, probe in experiment.probes.items():
        made = record(probe.task(experiment.task, probe_name), agent, n_episodes=44, seed=0, networks=(0, 1))
        hidden = noise.normal(size=(*made["reward"].shape, 2))
        hidden[..., 0] += 2 * follows(made)
        found.append(made.assign(hidden=((*made["reward"].dims, "unit"), hidden), rpe=error(made)))
    return found


def of_chosen(made, variable):
    return made[variable][..., 0].where(made["action"] == 0, made[variable][..., 1])


def test_what_the_figure_needs_is_recorded_during_training():
    for run in figure.RUN:
        probes = experiments.load(run.removeprefix("runs/")).probes
        assert all(probe.snapshots and {"rpe", "hidden"} <= set(probe.only) for probe in probes.values())


@pytest.mark.parametrize("knows", [1.0, 0.5, 0.0])
def test_dopamine_in_the_bandit_falls_as_far_as_a_reward_is_expected(knows):
    agent = REFERENCE_AGENTS_BANDIT["random"]
    error = lambda made: made["reward"] - knows * of_chosen(made, "p_reward")  # noqa: E731
    found = figure.of_bandit(*recorded("bandit_correlated", agent, lambda made: made["p_reward"][..., 0] > 0.5, error))
    assert found["expected"].values == pytest.approx([-knows] * 2, abs=1e-4)
    assert (found["decoded"] > 0.8).all()
    assert (found["shuffled"] < found["decoded"]).all()
    assert found["reward"].values == pytest.approx([0.5] * 2, abs=0.05)


@pytest.mark.parametrize("knows", [1.0, 0.0])
def test_dopamine_in_foraging_falls_as_far_as_a_reward_is_expected(knows):
    agent = REFERENCE_AGENTS_FORAGING["alternation"]
    error = lambda made: made["reward"] - knows * of_chosen(made, "p_reward")  # noqa: E731
    found = figure.of_foraging(*recorded("foraging", agent, lambda made: made["p_base"][..., 0] > 0.25, error))
    assert found["expected"].values == pytest.approx([-knows] * 2, abs=1e-4)
    assert (found["decoded"] > 0.8).all()
    assert found["slope"].values == pytest.approx([0] * 2, abs=0.05)  # alternation does not match


@pytest.mark.parametrize("knows", [1.0, 0.0])
def test_dopamine_at_risky_wins_is_in_units_of_what_they_pay(knows):
    agent = REFERENCE_AGENTS_RISKY_LEVER["random"]
    error = lambda made: made["reward"] - knows * 4 * made["p_win"]  # noqa: E731
    found = figure.of_lever(*recorded("risky_lever", agent, lambda made: made["p_win"] > 0.3, error))
    assert found["expected"].values == pytest.approx([-knows] * 2, abs=1e-4)
    assert (found["decoded"] > 0.8).all()
    assert found["risky"].values == pytest.approx(np.full((2, 2), 0.5), abs=0.1)


def tables(learns):
    """Tables of four networks whose dopamine and code develop, or go the other way."""
    noise = 0.02 * np.random.default_rng(0).normal(size=(4, 4))
    sign = 1 if learns else -1

    def made(course):
        return xr.DataArray(course + noise, {"update": UPDATES}, ("subject", "update"))

    common = {"expected": made(-0.7 * sign * GROWTH), "decoded": made(0.5 + 0.4 * sign * GROWTH)}
    common |= {"shuffled": made(0.5 + 0 * GROWTH), "dimensions": made(1 + GROWTH)}
    risky = xr.concat([made(GROWTH), made(-GROWTH)], xr.IndexVariable("p_win", [0.5, 0.125]))
    return {
        "bandit": xr.Dataset({**common, "reward": made(0.5 + 0.2 * GROWTH)}),
        "foraging": xr.Dataset({**common, "reward": made(0.376 + 0.1 * GROWTH), "slope": made(GROWTH)}),
        "lever": xr.Dataset({**common, "risky": risky}),
    }


@pytest.mark.parametrize("learns", [True, False])
def test_the_title_needs_dopamine_of_three_tasks_and_the_code_of_two(learns):
    rows = with_tests("figS_development_reward", figure.CLAIMS, tables(learns))
    assert [row.holds for row in rows] == [learns] * 5
    assert [row.mean for row in rows] == pytest.approx(
        [-0.7 if learns else 0.7] * 3 + [0.4 if learns else -0.4] * 2, abs=0.05
    )


def test_all_panels_are_drawn():
    made = figure.draw(tables(learns=True))
    assert [ax.get_xlabel() for ax in made.get_axes() if ax.get_ylabel()] == ["updates of the weights"] * 12
