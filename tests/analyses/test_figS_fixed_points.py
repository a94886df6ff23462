import numpy as np
import xarray as xr

from analyses import figS_fixed_points as figure
from analyses import fixed_point_tables
from pfc_metarl.runs.run import open_run

TWO_STEP = fixed_point_tables.two_step()


def points(names, left, who=("trained", "untrained")):
    """Return what two networks would do at rest; the second is always undecided."""
    read = np.stack([np.stack([left, np.full(len(left), 0.5)], 1)] * len(who))
    coords = {"who": list(who), "type": list(names), "subject": [0, 1], "side": ["left", "right"]}
    return xr.Dataset({"read": (tuple(coords), np.stack([read, 1 - read], -1))}, coords)


def test_a_planner_and_a_model_free_learner_differ_after_rare_transitions():
    names = list(TWO_STEP.steps)
    kept = np.array([("unrewarded" not in name) for name in names])
    rare, is_left = (np.array([word in name for name in names]) for word in ("rare", "left"))
    planner = points(names, np.where((kept ^ rare) == is_left, 0.9, 0.1))
    model_free = points(names, np.where(kept == is_left, 0.9, 0.1))
    np.testing.assert_allclose(figure.supported({"two_step_points": planner}, "two_step"), [0.9, 0.5])
    np.testing.assert_allclose(figure.supported({"two_step_points": planner}, "two_step", "rare"), [0.9, 0.5])
    np.testing.assert_allclose(figure.supported({"two_step_points": model_free}, "two_step", "rare"), [0.1, 0.5])


def test_an_inferred_value_is_that_of_the_cue_that_is_not_shown():
    names = list(fixed_point_tables.reversal().steps)
    assert names == ["left, rewarded", "left, unrewarded", "right, rewarded", "right, unrewarded"]
    made = points(names, [0.8, 0.2, 0.1, 0.7])
    other = [(0.8 - 0.2), (0.7 - 0.1)]
    np.testing.assert_allclose(figure.inferred({"reversal_points": made}), [np.mean(other), 0])


def test_the_percepts_of_a_trial_are_those_of_the_task():
    steps = TWO_STEP.steps["right, rare, rewarded"]
    assert [each["observation"] for each in steps] == [[1, 0, 0], [0, 1, 0]]  # state 0, to which left commonly leads
    assert [each["previous_action"] for each in steps] == [0, 1]
    assert [each["previous_reward"] for each in steps] == [1, 0]
    cue, action, outcome = fixed_point_tables.reversal().steps["right, unrewarded"][1:]
    assert cue["observation"] == [1, 0, 1]
    assert action["observation"] == [0, 0, 1]
    assert (outcome["observation"], outcome["previous_action"], outcome["previous_reward"]) == ([0, 0, 0], 1, 0)


def test_points_of_a_run_are_found_and_drawn(tiny_run, monkeypatch, ax):
    monkeypatch.setattr(fixed_point_tables, "N_SETTLE", 20)
    monkeypatch.setattr(fixed_point_tables, "N_STARTS", 2)
    few = dict(list(TWO_STEP.steps.items())[:2])
    found = fixed_point_tables.resting(open_run(tiny_run), TWO_STEP._replace(steps=few))
    assert dict(found["points"].sizes) == {"who": 2, "type": 2, "subject": 2, "side": 2}
    np.testing.assert_allclose(found["points"]["read"].sum("side"), 1)
    figure.draw_portrait(found["portrait"], ax=ax)
    marks = [line for line in ax.lines if line.get_marker() in "os"]
    np.testing.assert_allclose([line.get_xdata()[0] for line in marks], found["portrait"]["point"][:, 0])
    assert [line.get_fillstyle() for line in marks] == ["full", "none"]


def test_a_point_from_which_nothing_decays_is_drawn_as_a_triangle(ax):
    made = xr.Dataset(
        {
            "time_constant": (("type", "subject"), [[10.0, np.inf], [30.0, 20.0]]),
            "is_stable": (("type", "subject"), [[True, False], [True, True]]),
        },
        {"type": ["left", "right"]},
    )
    figure.draw_time_constants(made, ax=ax)
    assert [text.get_text() for text in ax.texts] == ["1", "2"]
    drawn = np.concatenate([line.get_ydata() for line in ax.lines if line.get_marker() == "."])
    np.testing.assert_allclose(drawn[np.isfinite(drawn)], [10, 30, 20])
    assert [len(line.get_xdata()) for line in ax.lines if line.get_marker() == "^"] == [1, 0]
