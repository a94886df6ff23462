import numpy as np
import pytest
import xarray as xr

from analyses import figS_rpe_input
from analyses.claim import with_tests
from pfc_metarl import experiments
from pfc_metarl.experiments.foraging import TRAINED
from pfc_metarl.experiments.foraging import held_out as of_experiment
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_TWO_STEP, REFERENCE_AGENTS_VOLATILITY
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TwoStep

KINDS = ("reward", "rpe")


class Recorded:
    """A run with recordings alone."""

    def __init__(self, **recordings):
        self.recordings = recordings

    def recording(self, name):
        return self.recordings[name]


def test_criteria_are_those_of_the_experiments():
    labels = {
        "reward, foraging": ("foraging", "reward per trial"),
        "all": ("foraging", "matching slope"),
        "held out": ("foraging", "matching slope, held-out probabilities"),
        "rise": ("volatility", "learning rate, volatile − stable, stable first"),
        "inferred": ("inferred_value", "RPE at cue, rewarded − unrewarded, inferred change"),
        "ratio": ("inferred_value", "inferred change over experienced"),
        "reward, two-step": ("two_step", "reward per trial"),
        "planning": ("two_step", "planning weight two trials back"),
        "first": ("harlow_objects", "correct in trial 1, new objects"),
        "later": ("harlow_objects", "correct in trials 2 to 6, new objects"),
    }
    assert set(labels) == set(figS_rpe_input.CRITERIA)
    for name, (experiment, label) in labels.items():
        (headline,) = [each for each in experiments.load(experiment).headlines if each.label == label]
        assert figS_rpe_input.CRITERIA[name] == pytest.approx(headline.criterion, nan_ok=True)


def test_runs_are_five_simulations_on_two_architectures():
    names = [path.removeprefix("runs/") for path in figS_rpe_input.RUN]
    assert all(name in experiments.names() for name in names)
    assert [experiments.load(name).network.has_rpe_input for name in names] == [False] * 5 + [True] * 5


def test_held_out_sessions_are_those_of_the_experiment():
    p_left = np.linspace(0, 0.5, 501)
    inside = xr.DataArray(p_left, dims="session").to_series()
    edges = np.isin(np.round(p_left, 3), np.ravel(TRAINED))
    assert (figS_rpe_input.is_held_out(inside) == of_experiment(inside))[~edges].all()


def test_the_rise_is_that_of_a_learner_with_a_fixed_rate():
    task = experiments.load("volatility").probes["stable_first"].task(experiments.load("volatility").task, "test")
    learner = REFERENCE_AGENTS_VOLATILITY["rescorla_wagner"]
    made = record(task, learner, n_episodes=30, seed=0, networks=(0, 1))
    found = figS_rpe_input.volatility(Recorded(stable_first=made, volatile_first=made))
    assert dict(found.sizes) == {"order": 2, "subject": 2}
    assert float(abs(found["rise"]).max()) < 0.05


def test_a_planner_plans_two_trials_back_and_a_model_free_learner_does_not():
    weights = {}
    for name in ("model_based", "model_free"):
        made = record(TwoStep(n_trials=100), REFERENCE_AGENTS_TWO_STEP[name], n_episodes=60, seed=0, networks=(0, 1))
        weights[name] = figS_rpe_input.two_step(Recorded(test=made))["planning_weight"].sel(lag=2)
    assert (weights["model_based"] > 1.1).all()
    assert (weights["model_free"] < 1.1).all()


def tables(good):
    """Tables of networks that meet every criterion, or of networks whose learning rates are the same in both halves."""
    one = np.ones((2, 4)) + np.array([0.0, 0.001, -0.001, 0.002])
    dims = ("input", "subject")

    def made(**values):
        return xr.Dataset(values, {"input": list(KINDS)})

    def with_new(dim, names, values):
        return xr.DataArray(values, {dim: list(names), "input": list(KINDS)}, (dim, *dims))

    trial = np.array([0.5, 0.95, 0.97, 0.98, 0.98, 0.98])[:, None, None] * one
    return {
        "foraging": made(
            reward_per_trial=(dims, 0.44 * one), slope=with_new("sessions", ("all", "held out"), [0.9 * one] * 2)
        ),
        "volatility": made(rise=with_new("order", figS_rpe_input.ORDERS, [(0.2 if good else 0.0) * one] * 2)),
        "inferred_value": made(
            discrimination=with_new("change", ("experienced", "inferred"), [0.6 * one] * 2), ratio=(dims, one)
        ),
        "two_step": made(
            reward_per_trial=(dims, 0.7 * one), planning_weight=with_new("lag", range(1, 6), [8 * one] * 5)
        ),
        "harlow_objects": made(
            p_correct=with_new("trial", range(6), trial),
            p_correct_first=(dims, 0.5 * one),
            p_correct_later=(dims, 0.97 * one),
        ),
    }


@pytest.mark.parametrize("good", [True, False])
def test_the_title_holds_if_every_simulation_meets_its_criterion(good):
    rows = with_tests("figS_rpe_input", figS_rpe_input.CLAIMS, tables(good))
    wrong = [row.measured for row in rows if not row.holds]
    assert len(rows) == 10
    assert wrong == ([] if good else [row.measured for row in rows if "Simulation 2" in row.measured])
    assert good or len(wrong) == 2


def test_both_architectures_are_drawn_in_every_panel():
    made = figS_rpe_input.draw(tables(good=True))
    panels = [ax for ax in made.get_axes() if ax.get_ylabel()]
    assert len(panels) == 6
    colors = {color for _, color in figS_rpe_input.ARCHITECTURES.values()}
    assert all(colors <= {line.get_color() for line in ax.get_lines()} for ax in panels)
