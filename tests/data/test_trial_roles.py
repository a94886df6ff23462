import numpy as np
import pandas as pd
import pytest

from pfc_metarl.data.trial_roles import NOTHING, PAST, TARGET, lagged, role_table, trial_roles
from pfc_metarl.data.trial_table import trials
from pfc_metarl.settings import BadInput
from tests.handmade import recording, table


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


def test_trials_of_any_kind_of_number_are_counted_back():
    table = pd.DataFrame({"subject": "x", "session": 0, "trial": [0, 1, 3], "reward": [1.0, 0.0, 1.0]})
    table["trial"] = table["trial"].astype("category")  # found by the torture
    np.testing.assert_array_equal(lagged(table, "reward", 1), [np.nan, 1.0, np.nan])


def test_a_row_is_a_target_past_or_nothing():
    mine = table(
        [0, 1, np.nan, 1, 0, 1],
        1,
        1,
        forced=["no", "yes", "no", "no", "no", None],
        excluded=[0, 0, 0, 1, 0, 0],
        lost=[False] * 4 + [True, False],
    )
    assert trial_roles(mine).tolist() == [TARGET, PAST, NOTHING, NOTHING, NOTHING, TARGET]
    assert trial_roles(mine, response=None).tolist() == [TARGET, PAST, TARGET, NOTHING, TARGET, TARGET]


def test_an_ambiguous_mask_is_refused():
    with pytest.raises(BadInput, match=r"mask: rename this column .* excluded, with 1 where a trial must not count"):
        trial_roles(table([0, 1], 1, 1, mask=[0, 1]))


def test_nothing_has_no_values_and_breaks_the_lag():
    found = role_table(table([0, 1, 1, 0], 1, [1, 0, 1, 0], excluded=[0, 1, 0, 0]), "reward")
    np.testing.assert_array_equal(found.rows["reward"], [1, np.nan, 1, 0])
    np.testing.assert_array_equal(lagged(found.rows, "choice1", 1), [np.nan, 0, np.nan, 1])
    assert found.target.tolist() == [True, False, True, True]


def test_subjects_keep_their_own_order_and_rows_their_index():
    parts = [table([0, 1], 1, 1, subject=name) for name in ("b", "a")]
    both = pd.concat(parts)
    both["subject"] = pd.Categorical(both["subject"], ["b", "c", "a"])
    found = role_table(both, "reward", optional=("good_state",))
    assert found.subjects.tolist() == ["b", "a"]
    assert found.rows["subject"].tolist() == [0, 0, 1, 1]
    assert found.rows.index.tolist() == [0, 1, 0, 1]
    counts = found.counts(found.rows["choice1"] == 1)
    assert [counts[name][1].tolist() for name in ("n_trials", "n_left_out")] == [[1, 1], [1, 1]]


def test_more_than_two_options_are_an_option_of_the_measure():
    mine = table([0, 2], 1, 1)
    with pytest.raises(BadInput, match="choice1 = 2"):
        role_table(mine)
    assert role_table(mine, two_options=False).rows["choice1"].tolist() == [0, 2]


def test_an_option_that_no_network_chose_is_no_sign_of_codes_from_1():
    action = np.array([[1, 2, 1, 2]])
    made = recording(
        ["choice"], ["choice1 = action at choice"], trial=[range(4)], phase=np.zeros((1, 4)), action=action
    )
    assert role_table(trials(made), two_options=False).n_options() == 3
    people = trials(made).copy()
    people.attrs.clear()
    with pytest.raises(BadInput, match="the codes are 1 to 2, and options are numbered from 0 on"):
        role_table(people, two_options=False).n_options()
