import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.stats import binomtest

from pfc_metarl import dopamine
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_RISKY_LEVER
from pfc_metarl.measures import risk_shift, risky_choice
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import RiskyLever

N_FORCED, N_FREE = 4, 30


def gamblers(p_risky, n_sessions=40, seed=0):
    """A trial table of agents that take the risky lever with given probabilities, and sometimes none."""
    rng = np.random.default_rng(seed)
    rows = []
    for subject, p in enumerate(p_risky):
        for session in range(n_sessions):
            side = rng.integers(2)
            risky = rng.random(N_FORCED + N_FREE) < p
            response = np.where(risky, side, 1 - side)
            response[rng.random(response.size) < 0.1] = 2
            forced = np.arange(response.size) < N_FORCED
            response[:N_FORCED] = side  # forced pulls of the risky arm must not count
            rows.append(
                pd.DataFrame(
                    {
                        "subject": subject,
                        "session": session,
                        "trial": np.arange(response.size),
                        "response": response,
                        "risky_side": side,
                        "forced": forced.astype(int),
                    }
                )
            )
    return pd.concat(rows, ignore_index=True)


def test_planted_risk_is_recovered():
    planted = [0.2, 0.5, 0.9]
    found = risky_choice(gamblers(planted))
    n = found["n_trials"].values
    errors = (found["risky_choice"].values - planted) / np.sqrt(np.multiply(planted, np.subtract(1, planted)) / n)
    assert (abs(errors) < 4).all()
    np.testing.assert_allclose(found["omissions"], 0.1, atol=0.04)
    assert found.sizes["trial"] == N_FREE
    by_trial = found["risky_choice_by_trial"].mean("trial").values
    np.testing.assert_allclose(by_trial, planted, atol=0.05)


def test_without_a_column_forced_all_trials_are_free():
    table = gamblers([0.5]).drop(columns="forced")
    assert risky_choice(table).sizes["trial"] == N_FORCED + N_FREE


@pytest.mark.parametrize("column", ["response", "risky_side"])
def test_a_missing_column_is_named(column):
    with pytest.raises(BadInput, match=column):
        risky_choice(gamblers([0.5], n_sessions=1).drop(columns=column))


def test_a_table_without_free_trials_is_refused():
    with pytest.raises(BadInput, match="no free trial"):
        risky_choice(gamblers([0.5], n_sessions=1).assign(forced=1))


def test_a_planted_shift_is_found_and_none_in_noise():
    base = np.linspace(0.4, 0.6, 8)
    control, same, up = (risky_choice(gamblers(base + d, seed=s)) for d, s in ((0, 0), (0, 1), (0.2, 2)))
    found, nothing = risk_shift(up, control), risk_shift(same, control)
    assert found["shift"].mean() == pytest.approx(0.2, abs=0.03)
    assert (int(found["n_up"]), int(found["n_down"])) == (8, 0)
    assert found["t"] > 0
    assert found["p_value"] < 1e-6
    assert nothing["p_value"] > 0.01
    assert risk_shift(control, up)["t"] == -found["t"]
    assert np.isnan(risk_shift(control, control)["p_value"])


def test_chance_shifts_as_often_as_p_says():
    rng = np.random.default_rng(0)
    pairs = rng.binomial(50, 0.5, size=(300, 2, 8)) / 50
    sets = [[xr.Dataset({"risky_choice": ("subject", p)}, {"subject": range(8)}) for p in pair] for pair in pairs]
    hits = sum(bool(risk_shift(*pair)["p_value"] < 0.05) for pair in sets)
    assert binomtest(hits, len(sets), 0.05).pvalue > 0.01


def test_subjects_must_be_the_same():
    control = risky_choice(gamblers([0.5, 0.5]))
    with pytest.raises(BadInput, match="same subjects"):
        risk_shift(control.isel(subject=[0]), control)


@pytest.mark.parametrize(
    ("arm", "won", "magnitude", "sign"), [(1, True, -4.0, -1), (0, True, -4.0, 1), (1, False, 4.0, 1)]
)
def test_a_learner_whose_dopamine_is_perturbed_shifts_as_its_equation_says(arm, won, magnitude, sign):
    def pulse(percept, state):
        where = (state.last_arm == arm) & ((state.last_payoff > 0) == won) & (state.phase == 0)
        return percept._replace(stimulation=dopamine.stimulate(percept.previous_reward * 0, where, magnitude))

    task, options = RiskyLever(p_risky=(0.5,)), {"n_episodes": 20, "seed": 0, "networks": (0, 1, 2)}
    learner = REFERENCE_AGENTS_RISKY_LEVER["lever_learner"]
    control, moved = (risky_choice(record(task, learner, intervene=it, **options)) for it in (None, pulse))
    assert (sign * risk_shift(moved, control)["shift"] > 0.05).all()
    assert isinstance(control, xr.Dataset)


def test_a_forced_trial_as_text_is_no_free_one():
    made = gamblers([0.5])
    text = made.assign(forced=made["forced"].map({0: "no", 1: "yes"}))
    xr.testing.assert_identical(risky_choice(text), risky_choice(made))
    with pytest.raises(BadInput, match="risky_side = 2 in the trial table: must be 0 or 1"):
        risky_choice(made.assign(risky_side=2))
