import numpy as np
import pytest

from pfc_metarl.data.combining import joined
from pfc_metarl.data.trial_table import trials
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_VOLATILITY
from pfc_metarl.experiments.volatility import EXPERIMENT, ORDERS, VARIANTS
from pfc_metarl.measures import volatility_decoding
from pfc_metarl.simulation.recording import record


def test_the_numbers_are_those_of_the_sources():
    task, network = EXPERIMENT.task, EXPERIMENT.network  # Wang et al. 2018; science sheet 3.2
    assert (task.n_trials, task.schedule, task.p_reversal, task.log_p_switch) == (200, "random", 0.2, (-4.5, -3.5))
    assert (task.p_good_stable, task.p_good_volatile) == (0.75, (0.8, 1.0))
    assert (network.core, network.units, network.learned_initial_state) == ("lstm", 48, True)
    assert EXPERIMENT.networks == 8
    assert sum(EXPERIMENT.probes[order].episodes for order in ORDERS) == 400


@pytest.mark.parametrize("order", ORDERS)
def test_probes_are_the_halves_of_the_paper(order):
    probe = EXPERIMENT.probes[order]
    task = probe.task(EXPERIMENT.task, order)
    assert (task.schedule, task.p_good_stable, task.p_good_volatile) == (order, 0.75, (0.8,))
    assert (task.n_trials, task.trials_between_reversals) == (200, 25)
    assert set(probe.reference_agents) == set(REFERENCE_AGENTS_VOLATILITY) - {"random"}
    assert probe.untrained


@pytest.fixture(scope="module")
def recordings():
    """The Bayesian learner in the place of networks; units: its belief, a value, and the state of the world with noise.

    "Untrained" units are noise. The noise on the state of the world is half of its range.
    """
    recordings, noise = {}, np.random.default_rng(0)
    for order in ORDERS:
        probe = EXPERIMENT.probes[order]
        task = probe.task(EXPERIMENT.task, order)
        for name, agent in {"": "bayesian_learner", **{f"_{name}": name for name in probe.reference_agents}}.items():
            options = {"n_episodes": 30, "seed": 0, "purpose": order, "networks": (0, 1)}
            recordings[order + name] = made = record(task, REFERENCE_AGENTS_VOLATILITY[agent], **options)
        made = recordings[order]
        shape = made["reward"].shape
        world = made["volatile"].values + 0.5 * noise.normal(size=shape)
        units = np.stack([made["expected_volatility"], made["action_value"][..., 0], world], -1)
        dims = ("network", "episode", "step", "unit")
        recordings[order] = made.assign(hidden=(dims, units))
        recordings[f"{order}_untrained"] = made.assign(hidden=(dims, noise.normal(size=(*shape, 2))))
    return recordings


@pytest.fixture(scope="module")
def rows(recordings):
    """The headlines of these recordings."""
    return {row["measure"]: row for row in EXPERIMENT.summary(EXPERIMENT.measures(recordings))}


def test_the_headlines_of_the_bayesian_learner_are_what_is_expected_of_it(rows):
    assert len(rows) == len(EXPERIMENT.headlines)
    assert all(row["n"] == 2 and row["expected"] for row in rows.values())
    assert rows["reward per trial, stable first"]["mean"] == pytest.approx(0.69, abs=0.03)  # simulated, 400 episodes
    for order in ("stable first", "volatile first"):
        stable, volatile = (rows[f"learning rate, {half}, {order}"]["mean"] for half in ("stable", "volatile"))
        rise = rows[f"learning rate, volatile − stable, {order}"]
        assert rise["mean"] == pytest.approx(volatile - stable)
        assert 0.05 < stable < volatile < 0.4
        assert rise["mean"] > 0.01
        assert rows[f"the same, Bayesian learner, {order}"]["mean"] == rise["mean"]
        assert abs(rows[f"the same, learner with a fixed rate, {order}"]["mean"]) < 0.03
        assert abs(rows[f"the same, Bayesian learner of fixed volatility, {order}"]["mean"]) < 0.03
    found = rows["fraction of units that encode volatility"]["subjects"]
    assert min(found) >= 1 / 3  # the state of the world itself is found in each learner
    assert max(found) <= 2 / 3  # a value is found in none; 30 episodes are too few for the belief of every learner
    assert rows["fraction of units that encode volatility, untrained"]["mean"] == 0
    assert rows["volatility decoded, area under the curve"]["mean"] > 0.9
    assert rows["volatility decoded, area under the curve, untrained"]["mean"] == pytest.approx(0.5, abs=0.06)


def test_volatility_is_decoded_from_a_belief_alone(recordings):
    both = joined(*(recordings[order].isel(unit=[0]) for order in ORDERS))
    assert (volatility_decoding(both)["score"].sel(metric="auc") > 0.65).all()


@pytest.mark.parametrize(("name", "low", "high"), [("bayesian_learner", 0.06, 0.3), ("rescorla_wagner", -0.05, 0.05)])
def test_only_agents_that_infer_volatility_shift_more_when_it_is_high(name, low, high):
    tasks = [EXPERIMENT.probes[order].task(EXPERIMENT.task, order) for order in ORDERS]
    both = joined(*(record(task, REFERENCE_AGENTS_VOLATILITY[name], 40, 0, networks=(0, 1)) for task in tasks))
    got = EXPERIMENT.causality.behaviour(trials(both))
    assert ((low < got["shift_rise"]) & (got["shift_rise"] < high)).all()
    assert (got["reward_per_trial"] > 0.6).all()


def test_networks_of_constant_volatility_are_recorded_as_those_of_the_experiment():
    probes = VARIANTS["volatility_constant"].probes
    assert set(probes) == set(EXPERIMENT.probes)
    for name, probe in probes.items():
        same = EXPERIMENT.probes[name]
        for field in ("changes", "episodes", "only", "yoked", "worlds"):
            assert getattr(probe, field) == getattr(same, field)
        assert not probe.untrained
