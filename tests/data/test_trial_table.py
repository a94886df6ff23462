import numpy as np
import pandas as pd
import pytest

from pfc_metarl.agents import Random
from pfc_metarl.data.trial_table import Column, lagged, require, subjects, trial_view, trials
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TwoStep
from tests.handmade import recording, table

COLUMNS = ("choice1 = action at choose", "reward = reward at outcome")


@pytest.fixture
def uneven():
    """Two episodes: trials of unequal length, a phase met twice, and one that is not reached."""
    return recording(
        ["look", "choose", "outcome"],
        COLUMNS,
        extra_dims={"p_reward": ("arm",)},
        trial=[[0, 0, 0, 1, 1, 1, 2], [0, 0, 0, 0, 0, 1, 1]],
        phase=[[0, 1, 2, 0, 1, 2, 0], [0, 1, 1, 2, 2, 1, 0]],
        action=[[5, 1, 5, 5, 0, 5, 5], [5, 0, 1, 5, 5, 1, 5]],
        reward=[[9, 9, 1, 9, 9, 0, 9], [9, 9, 9, 1, 0, 9, 9]],
        p_reward=np.arange(28).reshape(2, 7, 2),
    )


def test_a_trial_is_read_at_the_first_step_of_a_phase(uneven):
    view = trial_view(uneven, "action", "choose")
    assert view.dims == ("network", "episode", "trial")
    np.testing.assert_array_equal(view[0], [[1, 0, np.nan], [0, 1, np.nan]])
    np.testing.assert_array_equal(trial_view(uneven, "reward", "outcome")[0], [[1, 0, np.nan], [1, np.nan, np.nan]])
    np.testing.assert_array_equal(trial_view(uneven, "trial", "look")[0], [[0, 1, 2], [0, 1, np.nan]])


def test_a_trial_view_keeps_further_dims_and_coords(uneven):
    view = trial_view(uneven.assign_coords(network=[7], arm=["a", "b"]), "p_reward", "choose")
    assert view.dims == ("network", "episode", "trial", "arm")
    assert view["network"].values.tolist() == [7]
    assert view["arm"].values.tolist() == ["a", "b"]
    np.testing.assert_array_equal(view[0, 0], [[2, 3], [8, 9], [np.nan] * 2])
    np.testing.assert_array_equal(view[0, 1], [[16, 17], [24, 25], [np.nan] * 2])


def test_a_trial_view_without_gaps_keeps_its_type(uneven):
    assert trial_view(uneven.isel(episode=[0]), "action", "look").dtype == np.int8


def test_a_trial_view_names_what_it_lacks(uneven):
    with pytest.raises(BadInput, match="variable = 'nothing'"):
        trial_view(uneven, "nothing", "choose")
    with pytest.raises(BadInput, match=r"phase = 'end': .* it has look, choose, outcome"):
        trial_view(uneven, "action", "end")


def test_the_table_has_a_row_for_every_trial_that_was_finished(uneven):
    got = trials(uneven)
    assert list(got) == ["subject", "session", "trial", "choice1", "state2", "choice2", "reward"]
    assert got[["subject", "session", "trial", "choice1"]].to_numpy().tolist() == [
        [0, 0, 0, 1],
        [0, 0, 1, 0],
        [0, 1, 0, 0],
    ]
    assert got["reward"].tolist() == [1, 0, 1]
    assert got[["state2", "choice2"]].isna().all(axis=None)


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
        [f"{name} = {name} at go" for name in ("choice1", "state2", "choice2", "common", "reward")],
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
    first = ["subject", "session", "trial", "choice1", "state2", "choice2", "common", "reward"]
    assert list(got)[:8] == first
    assert got["subject"].unique().tolist() == [0, 4]
    assert (
        got.groupby(["subject", "session"])["trial"].agg(["min", "max", "count"]).to_numpy().tolist()
        == [[0, 19, 20]] * 6
    )
    for name in ("choice1", "state2", "common", "good_state"):
        assert sorted(got[name].unique()) == [0, 1]
    assert (got["state2"] == got["choice1"]).equals(got["common"] == 1)
    assert got["choice2"].isna().all() != second_stage_choice
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


@pytest.mark.parametrize("name", ["subject", "session", "trial"])
def test_a_table_without_a_key_is_refused(name):
    with pytest.raises(BadInput, match=f"no column '{name}'"):
        trials(table([0, 1], [1, 1], [0, 1]).drop(columns=name))


@pytest.mark.parametrize("order", [[0, 2, 1], [0, 0, 1]])
def test_a_table_in_wrong_order_is_refused(order):
    mine = table([0, 1, 0], [1, 1, 1], [0, 1, 1]).iloc[order]
    row = 2 if order[1] else 1
    with pytest.raises(BadInput, match=f"trial = {order[row]} in row {row}: trials of a session must stand in order"):
        trials(mine)


def test_the_order_is_that_of_each_session():
    one = table([0, 1], [1, 1], [0, 1])
    three = pd.concat([one, one.assign(session=1), one.assign(subject=1)], ignore_index=True)
    pd.testing.assert_frame_equal(trials(three), three)
    with pytest.raises(BadInput, match="in order"):
        trials(three.assign(session=0, subject=0))


@pytest.mark.parametrize(("name", "code"), [("choice1", 2), ("choice1", -1), ("choice1", "left"), ("common", 0.5)])
def test_other_codes_than_0_and_1_are_refused(name, code):
    mine = table([0, 1], [1, 1], [0, 1]).astype(object)
    mine.loc[1, name] = code
    with pytest.raises(BadInput, match=f"{name} = {code} in the trial table: must be 0 or 1"):
        require(mine, "choice1", "common")


def test_empty_and_boolean_codes_are_welcome():
    for choices, common in (([True, False], [1.0, np.nan]), (pd.array([1, None], "Int64"), [1, 0])):
        mine = table(choices, common, [0, 1])
        assert require(mine, "choice1", "common") is None
        with pytest.raises(BadInput, match="common = 2"):
            require(mine.assign(common=2), "choice1", "common")


def test_lagged_stays_within_a_session_and_off_gaps():
    one = table([5, 6, 7, 8, 9], [1] * 5, [1] * 5)
    one["trial"] = [0, 1, 2, 4, 5]  # trial 3 was lost
    four = [(subject, session) for session in (0, 1) for subject in (0, 1)]  # each goes on counting where others ended
    parts = [one.assign(subject=who, session=when, trial=one["trial"] + 6 * (who + when)) for who, when in four]
    both = pd.concat(parts, ignore_index=True)
    nan = np.nan
    np.testing.assert_array_equal(lagged(both, "choice1", 1), [nan, 5, 6, nan, 8] * 4)
    np.testing.assert_array_equal(lagged(both, "choice1", 2)[:5], [nan, nan, 5, nan, nan])


def test_lagged_passes_empty_cells_on():
    mine = table(pd.array([1, None, 0], "Int64"), [1] * 3, [1] * 3)
    np.testing.assert_array_equal(lagged(mine, "choice1", 1), [np.nan, 1, np.nan])


def test_subjects_are_sorted_numbers_or_names():
    assert subjects(pd.DataFrame({"subject": [3, 1, 3]})).tolist() == [1, 3]
    assert subjects(pd.DataFrame({"subject": ["b", "a", "b"]})).tolist() == ["a", "b"]
    assert subjects(pd.DataFrame({"subject": ["b", "a"]})).dtype.kind == "U"


def test_a_column_reads_back():
    column = Column("choice1", "action", "first_stage")
    assert str(column) == "choice1 = action at first_stage"
    assert Column.parse(str(column)) == column


def test_a_variable_with_an_axis_of_its_own_becomes_a_column_for_each_label():
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


@pytest.mark.parametrize(("options", "kept"), [(["left", "right", "centre"], [0, 2]), (["a", "b", "c"], [0, 1, 2])])
def test_a_trial_lost_by_fixating_has_no_row(options, kept):
    made = recording(
        ["choose"],
        ("choice1 = action at choose", "reward = reward at choose"),
        trial=[[0, 1, 2]],
        phase=[[0, 0, 0]],
        action=[[1, 2, 0]],
        reward=[[1, -1, 0]],
        policy=np.full((1, 3, 3), 1 / 3),
    ).assign_coords(option=options)
    assert trials(made)["trial"].tolist() == kept


def test_trials_of_any_kind_of_number_are_counted_back():
    table = pd.DataFrame({"subject": "x", "session": 0, "trial": [0, 1, 3], "reward": [1.0, 0.0, 1.0]})
    table["trial"] = table["trial"].astype("category")  # found by the torture
    np.testing.assert_array_equal(lagged(trials(table), "reward", 1), [np.nan, 1.0, np.nan])
