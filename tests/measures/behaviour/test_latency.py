import numpy as np
import pandas as pd
import pytest

from pfc_metarl.agents import Random
from pfc_metarl.measures import goal_latency
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Maze


def table(*trials):
    """Trials (subject, session, steps, found)."""
    made = pd.DataFrame(trials, columns=["subject", "session", "steps", "reward"])
    return made.assign(trial=made.groupby(["subject", "session"]).cumcount())


def test_first_and_later_visits_by_hand():
    found = goal_latency(
        table(
            *[("a", 0, steps, 1) for steps in (20, 6, 8)],
            ("a", 0, 9, 0),
            ("a", 1, 30, 1),
            ("a", 1, 10, 1),
            ("a", 2, 100, 1),
            ("a", 2, 5, 0),
            ("a", 3, 105, 0),
            ("b", 0, 50, 0),
        )
    )
    a, b = found.sel(subject="a"), found.sel(subject="b")
    assert a["first"].item() == 25  # the session with a single visit does not count
    assert a["later"].item() == 8
    assert a["ratio"].item() == pytest.approx(8 / 25)
    assert a["session_ratio"].item() == pytest.approx((7 + 10) / 2 / 25)
    assert a["p_no_visit"].item() == 0.25
    assert a["steps"].values.tolist() == [25, 8, 8]
    assert a["n_visits"].values.tolist() == [2, 2, 1]
    assert np.isnan([b["first"].item(), b["ratio"].item()]).all()
    assert b["p_no_visit"].item() == 1


def test_a_random_walk_does_not_seem_to_learn():
    made = record(Maze(max_steps=6000), Random(), n_episodes=100, seed=0, networks=(0,))  # the last visit rarely counts
    found = goal_latency(made)
    assert found["p_no_visit"].item() == 0
    assert 0.8 < found["ratio"].item() < 1.2


def test_sessions_with_a_near_goal_do_not_make_a_subject_without_memory_seem_to_learn():
    # Each visit takes 5 steps where the goal is near and 20 where it is far, in sessions of 60 steps.
    near, far = [("a", 0, 5, 1)] * 12, [("a", 1, 20, 1)] * 3
    found = goal_latency(table(*near, *far))
    assert found["ratio"].item() == pytest.approx((11 * 5 + 2 * 20) / 13 / 12.5)  # 0.58
    assert found["session_ratio"].item() == 1


def test_steps_below_one_are_refused():
    with pytest.raises(BadInput, match="one step or more"):
        goal_latency(table(("a", 0, 0, 1)))
