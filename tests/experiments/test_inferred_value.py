import functools

import numpy as np
import pytest

from pfc_metarl.experiments.inferred_value import DISCOUNT, EXPERIMENT, VARIANTS
from pfc_metarl.runs.run import open_run
from pfc_metarl.simulate import main
from pfc_metarl.simulation.recording import record

AGENTS = EXPERIMENT.probes["test"].reference_agents


@functools.cache
def results(name):
    """Measures of two individuals of a reference agent instead of networks; expectations replace activity."""
    recordings = {}
    for probe in ("test", "once"):
        task = EXPERIMENT.probes[probe].task(EXPERIMENT.task, probe)
        made = record(task, AGENTS[name], n_episodes=50, seed=0, networks=(0, 1), yoked=AGENTS)
        noise = np.random.default_rng(0).normal(0, 0.01, (*made["value"].shape, 2))
        sides = np.stack([made["rewarded_side"], made["cue_side"]], -1) + noise
        made["rpe"] = made["rpe"] + noise[..., 0]  # the partial r² of what explains all is not defined
        recordings[probe] = made.assign(hidden=(("network", "episode", "step", "unit"), sides))
    recordings["test_untrained"] = recordings["test"].assign(hidden=recordings["test"]["hidden"] * 0 + noise)
    return {row["measure"]: row for row in EXPERIMENT.summary(EXPERIMENT.measures(recordings))}


def test_the_numbers_are_those_of_the_paper():
    task, network = EXPERIMENT.task, EXPERIMENT.network  # Wang et al. 2018; science sheet 3.3
    assert len(task.phase_names) == 4
    assert (task.reward, task.invalid_reward) == (1, -1)
    assert (network.core, network.units, network.learned_initial_state) == ("lstm", 48, True)
    assert EXPERIMENT.networks >= 8
    assert EXPERIMENT.probes["test"].episodes * task.n_trials >= 1200 * 5
    assert EXPERIMENT.probes["test"].untrained


def test_the_second_probe_is_the_other_schedule():
    task = EXPERIMENT.probes["once"].task(EXPERIMENT.task, "once")
    assert (EXPERIMENT.task.schedule, task.schedule) == ("hazard", "once")
    assert task.n_trials == EXPERIMENT.task.n_trials


def test_reference_agents_know_the_task_and_discount_as_the_networks_do():
    for agent in AGENTS.values():
        assert agent.discount == DISCOUNT == EXPERIMENT.learner.discount
    for name in ("min_block", "p_reversal"):
        assert getattr(AGENTS["reversal_observer"].model, name) == getattr(EXPERIMENT.task, name)


@pytest.mark.parametrize(
    ("name", "ratio", "reached"), [("reversal_observer", 1, [2, 2, 2]), ("cue_learner", 0, [0, 0, 0])]
)
def test_the_headlines_of_a_reference_agent_are_as_expected(name, ratio, reached):
    rows = results(name)
    assert len(rows) == len(EXPERIMENT.headlines)
    assert all(row["n"] == 2 and row["expected"] for label, row in rows.items() if "untrained" not in label)
    assert rows["inferred change over experienced"]["mean"] == pytest.approx(ratio, abs=0.1)
    assert rows["inferred change over experienced, one reversal an episode"]["mean"] == pytest.approx(ratio, abs=0.1)
    assert [row["reached"] for row in rows.values() if "criterion" in row] == reached
    own = rows[f"partial r² of RPE at cue with {name.replace('_', ' ')}"]["mean"]
    (other,) = (row["mean"] for label, row in rows.items() if "partial" in label and row["mean"] != own)
    assert own > 0.9
    assert other < 0.01
    assert rows["reward per trial"]["mean"] == pytest.approx(0.5, abs=0.04)
    assert rows["silhouette of latent state, fixation after reversal"]["mean"] > 0.4
    assert abs(rows["the same, untrained networks"]["mean"]) < 0.05


def test_the_observers_numbers_are_those_of_theory():
    rows = results("reversal_observer")
    for change in ("experienced", "inferred"):  # γ² (1 − 0): for three trials no reversal can come
        row = rows[f"RPE at cue, rewarded − unrewarded, {change} change"]
        assert row["mean"] == pytest.approx(DISCOUNT**2, abs=0.005)
        assert f"observer {DISCOUNT**2:.2f}" in row["expected"]


def test_the_variant_has_the_episodes_of_the_paper():
    short = VARIANTS["inferred_value_wang2018"]
    assert (short.task.n_trials, short.probes["test"].episodes) == (5, 1200)  # Wang et al. 2018; science sheet 3.3
    assert short.task.min_block < short.task.n_trials - 1, "there is room for a reversal and a trial after it"
    for agent in short.probes["test"].reference_agents.values():
        assert agent.discount == short.learner.discount
    labels = [[headline.label for headline in made.headlines] for made in (short, EXPERIMENT)]
    assert labels[0] == labels[1]


@pytest.mark.slow
def test_every_network_learns_to_infer(tmp_path):
    """From untrained networks to the claim, with a seed that neither the search of the recipe nor the figure used."""
    assert main(["inferred_value", "--seed", "77", "--quiet", "--out", str(tmp_path / "run")]) == 0
    rows = {row["measure"]: row for row in open_run(tmp_path / "run").summary()["measures"]}
    assert all(row["reached"] == row["n"] == 8 for row in rows.values() if "criterion" in row)
    assert rows["partial r² of RPE at cue with reversal observer"]["mean"] > 0.9
