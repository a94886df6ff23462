from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
import torch

from pfc_metarl.agents import Random
from pfc_metarl.data.trial_roles import lagged
from pfc_metarl.data.trial_table import trials
from pfc_metarl.measures import reward_per_trial
from pfc_metarl.settings import BadInput, settings
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Task, TwoStep
from tests.handmade import recording, table


def test_the_table_has_a_row_for_every_trial_that_was_begun(uneven):
    got = trials(uneven)
    assert list(got) == ["subject", "session", "trial", "choice1", "reward", "total_reward", "lost"]
    assert got[["subject", "session", "trial"]].to_numpy().tolist() == [[0, 0, t] for t in range(3)] + [
        [0, 1, t] for t in range(2)
    ]
    np.testing.assert_array_equal(got["choice1"].astype(float), [1, 0, np.nan, 0, 1])
    np.testing.assert_array_equal(got["reward"], [1, 0, np.nan, 1, np.nan])
    assert got["total_reward"].tolist() == [19, 18, 9, 28, 18]
    assert got["lost"].tolist() == [False, False, True, False, False]


def test_subjects_are_the_numbers_of_the_networks():
    two = np.zeros((2, 1, 2))
    columns = ["reward = reward at go"]
    made = recording(["go"], columns, trial=two + np.arange(2), phase=two, reward=[[[1, 2]], [[3, 4]]])
    assert trials(made)["subject"].tolist() == [0, 0, 1, 1]
    named = trials(made.assign_coords(network=[3, 8]))
    assert named["subject"].tolist() == [3, 3, 8, 8]
    assert named["reward"].tolist() == [1, 2, 3, 4]


def test_codes_below_zero_become_empty():
    made = recording(
        ["go"],
        [
            "choice1 = choice1 at go; codes left, right; response",
            "state2 = state2 at go; codes a, b",
            "choice2 = choice2 at go; response",
            "common = common at go; codes rare, common",
            "reward = reward at go",
        ],
        trial=[[0, 1]],
        phase=[[0, 0]],
        choice1=[[1, -1]],
        state2=[[0, -1]],
        choice2=[[1, 1]],
        common=[[0, -1]],
        reward=[[1, -1]],
    )
    got = trials(made)
    assert got.loc[0, ["choice1", "state2", "choice2", "common"]].tolist() == [1, 0, 1, 0]
    assert got.loc[1, ["choice1", "state2", "choice2", "common"]].isna().all()  # no second choice without a state
    assert got["reward"].tolist() == [1, -1]


@pytest.mark.parametrize("second_stage_choice", [False, True])
def test_the_table_of_the_two_step_task(second_stage_choice):
    task = TwoStep(n_trials=20, second_stage_choice=second_stage_choice)
    made = record(task, Random(), n_episodes=3, seed=1, networks=(0, 4))
    got = trials(made)
    second = ["choice2"] if second_stage_choice else []
    columns = ["choice1", "state2", *second, "common", "reward", "good_state", "lost"]
    assert list(got) == ["subject", "session", "trial", *columns]
    assert not got["lost"].any()
    assert got["subject"].unique().tolist() == [0, 4]
    assert (
        got.groupby(["subject", "session"])["trial"].agg(["min", "max", "count"]).to_numpy().tolist()
        == [[0, 19, 20]] * 6
    )
    for name in ("choice1", "state2", "common", "good_state"):
        assert sorted(got[name].unique()) == [0, 1]
    assert (got["state2"] == got["choice1"]).equals(got["common"] == 1)
    assert not second_stage_choice or sorted(got["choice2"].unique()) == [0, 1]
    steps = made.isel(network=1, episode=0)
    mine = got[(got["subject"] == 4) & (got["session"] == 0)]
    assert mine["choice1"].tolist() == steps["action"].values[::2].tolist()
    assert mine["reward"].tolist() == steps["reward"].values[1::2].tolist()


def test_a_table_is_returned_as_it_is():
    mine = table([0, 1], [1, 1], [0, 1], mood="good")
    assert trials(mine) is mine


def test_what_is_no_table_is_refused(uneven):
    with pytest.raises(BadInput, match="not list"):
        trials([1, 2])
    with pytest.raises(BadInput, match="trial_columns is missing"):
        trials(uneven.assign_attrs(trial_columns=[]))


@pytest.mark.parametrize("name", ["subject", "trial"])
def test_a_table_without_a_key_is_refused(name):
    with pytest.raises(BadInput, match=f"no column '{name}'"):
        trials(table([0, 1], [1, 1], [0, 1]).drop(columns=name))


@pytest.mark.parametrize("order", [[0, 2, 1], [0, 0, 1]])
def test_a_table_in_wrong_order_is_refused(order):
    mine = table([0, 1, 0], [1, 1, 1], [0, 1, 1]).iloc[order]
    row = 2 if order[1] else 1
    with pytest.raises(BadInput, match=f"trial = {order[row]} in row {row}: trials of a session must be in order"):
        trials(mine)


def test_the_order_is_that_of_each_session():
    one = table([0, 1], [1, 1], [0, 1])
    three = pd.concat([one, one.assign(session=1), one.assign(subject=1)], ignore_index=True)
    pd.testing.assert_frame_equal(trials(three), three)
    with pytest.raises(BadInput, match="in order"):
        trials(three.assign(session=0, subject=0))


def test_a_variable_with_a_further_axis_becomes_a_column_for_each_label():
    p_reward = [[[0.1, 0.9], [0.2, 0.8]]]
    made = recording(
        ["choice"],
        ["p = p_reward at choice"],
        {"p_reward": ("option",)},
        trial=[[0, 1]],
        phase=[[0, 0]],
        p_reward=p_reward,
    )
    table = trials(made.assign_coords(option=["left", "right"]))
    np.testing.assert_allclose(table[["p_left", "p_right"]], p_reward[0])


@pytest.mark.parametrize(
    ("options", "none", "lost"),
    [
        (["left", "right", "hold"], ["hold"], [False, True, False]),
        (["left", "right", "centre"], [], [False, False, False]),
    ],
)
def test_the_task_declares_which_actions_are_no_response(options, none, lost):
    made = recording(
        ["choose"],
        ("choice1 = action at choose", "reward = reward at choose"),
        trial=[[0, 1, 2]],
        phase=[[0, 0, 0]],
        action=[[1, 2, 0]],
        reward=[[1, -1, 0]],
        policy=np.full((1, 3, 3), 1 / 3),
    ).assign_coords(option=options)
    got = trials(made.assign_attrs(no_response_actions=none))
    assert got["trial"].tolist() == [0, 1, 2]
    assert got["lost"].tolist() == lost
    assert got["choice1"].isna().tolist() == lost
    assert got["reward"].tolist() == [1, -1, 0]


def test_a_response_after_a_lost_one_is_none():
    made = record(TwoStep(n_trials=60, fixation=True, second_stage_choice=True), Random(), n_episodes=2, seed=0)
    got = trials(made)
    assert len(got) == 120
    first_lost = got["choice1"].isna()
    assert 20 < first_lost.sum() < 60
    assert got.loc[first_lost, ["choice2", "state2", "common"]].isna().all(axis=None)
    assert (got["lost"] == got[["choice1", "choice2"]].isna().any(axis=1)).all()
    assert (got.loc[got["lost"], "total_reward"] < 0).all()
    np.testing.assert_allclose(got["total_reward"].sum(), made["reward"].sum())


class MazeState(NamedTuple):
    trial: torch.Tensor
    phase: torch.Tensor
    place: torch.Tensor


@settings
class Maze(Task):
    """A corridor: "go" leads on, "wait" does not; three steps on, one reward at its end; 5 steps a trial."""

    n_trials: int = 4
    end: int = 3
    action_names = ("go", "wait")
    channel_names = ("place",)
    phase_names = ("corridor", "goal")
    n_steps = property(lambda self: 5 * self.n_trials)

    @property
    def trial_columns(self):
        return {"first_step": ("action", "corridor"), "reward": ("reward", "corridor")}

    def begin(self, noise):
        zero = torch.zeros_like(noise[..., 0], dtype=torch.long)
        return MazeState(zero, zero, zero)

    def observe(self, state):
        return state.place.unsqueeze(-1).float()

    def step(self, state, action, noise):
        clock = state.place // 100 + 1
        place = state.place % 100 + (action == 0)
        arrived = (state.phase == 0) & (place == self.end)
        over = (clock == 5).long()
        after = MazeState(
            state.trial + over * (state.trial < self.n_trials - 1),
            torch.where(over > 0, 0, (state.phase | arrived).long()),
            torch.where(over > 0, 0, place + 100 * clock),
        )
        return after, arrived.float()


def test_a_late_reward_is_counted():
    made = record(Maze(n_trials=50), Random(), n_episodes=10, seed=0)
    total = float(made["reward"].sum() / 500)
    assert 0.3 < total < 0.7
    got = reward_per_trial(made)
    assert got["n_trials"].item() == 500
    assert got["reward_per_trial"].item() == pytest.approx(total)
    assert trials(made)["reward"].sum() == pytest.approx(500 * total)
    never = made.assign_attrs(trial_columns=["choice1 = action at goal", "reward = reward at goal"])
    assert len(trials(never)) == 500
    assert reward_per_trial(never)["reward_per_trial"].item() == pytest.approx(total)
    np.testing.assert_allclose(reward_per_trial(never)["fraction_lost"], trials(never)["choice1"].isna().mean())


def test_trials_of_any_kind_of_number_are_counted_back():
    table = pd.DataFrame({"subject": "x", "session": 0, "trial": [0, 1, 3], "reward": [1.0, 0.0, 1.0]})
    table["trial"] = table["trial"].astype("category")  # found by the torture
    np.testing.assert_array_equal(lagged(trials(table), "reward", 1), [np.nan, 1.0, np.nan])


@pytest.mark.parametrize("names", [{}, {"choice1": "choice"}])
def test_a_table_without_sessions_is_one_session_whatever_its_columns_are_called(names):
    own = pd.DataFrame({"subject": ["a", "a", "b"], "trial": [0, 1, 0], "reward": [1, 0, 1]})
    own[names.get("choice1", "choice1")] = [0, 1, 1]
    table = trials(own, **names)
    assert table["session"].tolist() == [0, 0, 0]
    assert "session" not in own
