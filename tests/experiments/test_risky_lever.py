import dataclasses

import pytest
import torch

from pfc_metarl.agents import Percept
from pfc_metarl.experiments import risky_lever
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_RISKY_LEVER
from pfc_metarl.experiments.risky_lever import (
    CONDITIONS,
    DOSES,
    EXPERIMENT,
    P_WIN,
    PULSES,
    SIGNS,
    VARIANTS,
    Pulse,
    probe_name,
)
from pfc_metarl.settings import changed
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import RiskyLever

TASK = RiskyLever(n_trials=3)
LAST = {"arm": [0, 0, 1, 1, -1, -1], "payoff": [1.0, 0.0, 4.0, 0.0, -1.0, 0.0]}
"""Trials before: safe paid, safe did not, risky won, risky lost, an invalid response, none."""


def stimulated(pulse, phase=0):
    state = TASK.begin(torch.zeros(1, 6, TASK.n_draws))
    state = state._replace(
        phase=phase, last_arm=torch.tensor([LAST["arm"]]), last_payoff=torch.tensor([LAST["payoff"]])
    )
    percept = Percept(TASK.observe(state), torch.zeros(1, 6), torch.zeros(1, 6))
    edited = pulse(percept, state)
    assert percept.stimulation is None
    return edited.stimulation


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("block_risky_win", [0, 0, -4, 0, 0, 0]),
        ("block_safe_win", [-1, 0, 0, 0, 0, 0]),
        ("stimulate_risky_loss", [0, 0, 0, 4, 0, 0]),
    ],
)
def test_a_pulse_coincides_with_the_input_of_its_outcome(name, expected):
    assert stimulated(PULSES[name]).tolist() == [expected]
    double = dataclasses.replace(PULSES[name], magnitude=2 * PULSES[name].magnitude)
    assert stimulated(double).tolist() == [[2 * e for e in expected]]
    assert stimulated(PULSES[name], phase=1) is None


def test_all_conditions_meet_the_worlds_of_their_control():
    for odds in P_WIN:
        names = [probe_name(condition, odds) for condition in CONDITIONS]
        names += [probe_name(name, odds, dose) for name, it in PULSES.items() for dose in {*DOSES} - {it.magnitude}]
        for name in names:
            probe = EXPERIMENT.probes[name]
            assert probe.worlds == probe_name("control", odds)
            task = probe.task(EXPERIMENT.task, name)
            assert (task.p_risky, task.safe_reward) == ((P_WIN[odds],), (1.0,))
    assert len(EXPERIMENT.probes) == 2 * (4 + 3 * (len(DOSES) - 1))
    assert set(SIGNS) == set(PULSES)


def test_a_safe_lever_that_pays_less_by_a_pause_is_met_in_training():
    met = {1.0 - payoff for payoff in EXPERIMENT.task.safe_reward}
    assert PULSES["block_safe_win"].magnitude in met
    assert VARIANTS["risky_lever_wang2018"].task == RiskyLever(), "as in the paper the safe lever always pays 1"


def test_a_dose_can_be_set_from_the_command_line():
    made = changed(EXPERIMENT, {"probes": {"block_safe_win_half": {"intervene": {"magnitude": 1.5}}}})
    assert made.probes["block_safe_win_half"].intervene == Pulse(kind="block", arm="safe", outcome="win", magnitude=1.5)
    assert made.numbers()["probes"]["block_safe_win_half"]["intervene"]["magnitude"] == 1.5
    assert "intervene" not in made.numbers()["probes"]["control_half"]


def test_the_results_of_a_reference_agent_are_as_expected():
    learner = REFERENCE_AGENTS_RISKY_LEVER["lever_learner"]
    recordings = {
        name: record(
            probe.task(EXPERIMENT.task, name),
            learner,
            30,
            seed=0,
            networks=(0, 1, 2),
            purpose=name,
            intervene=probe.intervene,
            worlds=probe.worlds,
        )
        for name, probe in EXPERIMENT.probes.items()
        if "dose" not in name
    }
    found = risky_lever.results(recordings)
    assert dict(found["choice"].sizes) == {"p_win": 2, "condition": 4, "subject": 3, "trial": 20}
    assert (found["odds"]["shift"] > 0.1).all()
    for condition, sign in SIGNS.items():
        assert (sign * found["shift"]["shift"].sel(condition=condition, p_win=0.5) > 0).all(), condition
    rows = EXPERIMENT.summary(found)
    assert len(rows) == 3 + 2 * len(SIGNS)
    expected = found["choice"]["risky_choice"].sel(condition="control", p_win=0.125)
    (row,) = [row for row in rows if row["measure"] == "risky choices, control, p = 0.125"]
    assert row["subjects"] == expected.values.tolist()
