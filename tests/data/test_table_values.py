import numpy as np
import pandas as pd
import pytest

from pfc_metarl.data.table_values import check_table, flag, numeric, require, steps
from pfc_metarl.settings import BadInput
from tests.handmade import table


@pytest.mark.parametrize(("name", "code"), [("choice1", 2), ("choice1", -1), ("choice1", "left"), ("common", 0.5)])
def test_other_codes_than_0_and_1_are_refused(name, code):
    mine = table([0, 1], [1, 1], [0, 1]).astype(object)
    mine.loc[1, name] = code
    with pytest.raises(BadInput, match=f"{name} = {code} in the trial table: must be 0 or 1"):
        require(mine, "choice1", "common")


def test_empty_and_boolean_codes_are_accepted():
    for choices, common in (([True, False], [1.0, np.nan]), (pd.array([1, None], "Int64"), [1, 0])):
        mine = table(choices, common, [0, 1])
        assert require(mine, "choice1", "common") is None
        with pytest.raises(BadInput, match="common = 2"):
            require(mine.assign(common=2), "choice1", "common")


@pytest.mark.parametrize(
    "values",
    [
        pd.array([0, 1, None], "Int64"),
        pd.array([0.0, 1.0, None], "Float64"),
        pd.array([False, True, None], "boolean"),
        pd.array(["0", " 1", None], "string"),
        ["0", "1", ""],
        [0, True, pd.NA],
        pd.Categorical([0, 1, None], categories=[1, 0]),
        pd.Categorical(["0", "1", None], categories=["1", "0"]),
    ],
    ids=str,
)
def test_numbers_of_every_pandas_type(values):
    np.testing.assert_array_equal(numeric(pd.DataFrame({"choice1": values}), "choice1"), [0, 1, np.nan])


HUGE = pd.Series([10**400, 1], dtype=object)


@pytest.mark.parametrize("values", [["a", 1], [np.inf, 1], ["inf", 1], [[], 1], HUGE, [1j, 2], [pd.NaT, 1]])
def test_what_is_no_number_is_refused(values):
    with pytest.raises(BadInput, match="reward: this column of the trial table must hold finite numbers"):
        numeric(pd.DataFrame({"reward": values}), "reward")


@pytest.mark.parametrize(
    "values",
    [
        [True, False, None],
        [1, 0, np.nan],
        ["yes", "no", ""],
        ["True", "False", None],
        pd.array([True, False, None], "boolean"),
        pd.Categorical(["Y", "N", None]),
        [1.0, 0.0, pd.NA],
    ],
    ids=str,
)
def test_flags_of_every_kind(values):
    assert flag(pd.DataFrame({"forced": values}), "forced").tolist() == [True, False, False]


@pytest.mark.parametrize("value", [2, "perhaps", 0.5])
def test_what_is_no_flag_is_refused(value):
    with pytest.raises(BadInput, match=f"forced = {value} in the trial table: must be 1 or 0"):
        flag(pd.DataFrame({"forced": [value, 0]}), "forced")


def test_a_table_without_a_flag_has_none_set():
    assert flag(pd.DataFrame({"x": [1, 2]}), "forced").tolist() == [False, False]


def test_a_valid_table_is_returned():
    mine = table([0, 1], [1, 1], [0, 1])
    assert check_table(mine) is mine


def test_half_precision_is_widened_as_pandas_does_not_group_by_it():
    half = pd.DataFrame({"choice1": np.array([0, 1], dtype="float16")})
    assert numeric(half, "choice1").dtype == np.float32


@pytest.mark.parametrize("name", ["subject", "session", "trial"])
def test_a_key_that_is_missing_is_named_with_what_it_may_be(name):
    mine = table([0, 1], [1, 1], [0, 1]).astype({name: object})
    mine.loc[1, name] = None
    said = "must be a number, in" if name == "trial" else "must be a number or text, of one kind in all rows, in"
    with pytest.raises(BadInput, match=f"{name}: {said}"):
        check_table(mine)


def test_column_names_of_several_levels_are_refused_as_what_they_are():
    with pytest.raises(BadInput, match="column names of 2 levels"):
        check_table(pd.concat({"rat": table([0, 1], [1, 1], [0, 1])}, axis=1))


@pytest.mark.parametrize("interleaved", [False, True])
def test_steps_of_trials_are_those_within_sessions_whether_sessions_are_mixed_or_not(interleaved):
    rng = np.random.default_rng(0)
    subject, session = rng.integers(0, 3, 60), rng.integers(0, 2, 60)
    order = np.arange(60) if interleaved else np.lexsort((session, subject))
    frame = pd.DataFrame({"subject": subject, "session": session, "trial": rng.permutation(60)}).iloc[order]
    expected = frame.groupby(["subject", "session"])["trial"].diff()
    for names in (frame["subject"], frame["subject"].map("rat {}".format), frame["subject"].astype("category")):
        np.testing.assert_array_equal(steps(names, frame["session"], frame["trial"]), expected)
