import numpy as np
import pandas as pd
import pytest

from pfc_metarl.measures import choice_around_reversal
from pfc_metarl.settings import BadInput


def table(good, choice, **columns):
    made = pd.DataFrame({"subject": 0, "session": 0, "trial": range(len(good)), "good_state": good, "choice1": choice})
    return made.assign(**columns)


def found(made, window, **options):
    return choice_around_reversal(made, window=window, **options)["correct"].values[0].tolist()


def test_trials_count_from_the_reversal_in_both_directions():
    made = table([0] * 4 + [1] * 4, [0, 0, 1, 0, 0, 0, 1, 1])
    assert found(made, (-2, 3)) == [0.0, 1.0, 0.0, 0.0, 1.0, 1.0]


def test_a_trial_between_two_reversals_counts_for_both():
    made = table([0, 0, 1, 1, 0, 0], [0, 0, 1, 0, 0, 0])
    assert found(made, (-2, 1)) == [(1 + 1) / 2, (1 + 0) / 2, (1 + 1) / 2, (0 + 1) / 2]


def test_nothing_reaches_beyond_the_next_reversal():
    made = table([0, 1, 0, 0, 0], [0, 0, 1, 1, 1])
    counts = choice_around_reversal(made, window=(-2, 2))["n_choices"].values[0].tolist()
    assert counts == [0, 2, 2, 1, 1]


def test_what_reverses_may_be_another_column_than_what_is_correct():
    made = table([0] * 4, [0, 1, 0, 1], transitions=[0, 0, 1, 1])
    assert found(made, (-1, 1), reversing="transitions") == [0.0, 1.0, 0.0]
    with pytest.raises(BadInput, match="good_state: it never changes"):
        choice_around_reversal(made)


@pytest.mark.parametrize("lost", [True, False])
def test_a_lost_or_missing_trial_takes_its_place_but_no_choice(lost):
    good, choice = [0, 0, 1, 1, 1, 1], [0, 0, 1, np.nan, 1, 0]
    made = table(good, choice)
    values = found(made if lost else made.dropna(), (0, 3))
    assert np.isnan(values[1])
    assert [values[0], values[2], values[3]] == [1.0, 1.0, 0.0]


def test_a_session_begins_with_no_reversal():
    two = pd.concat([table([0, 0, 0], [0, 0, 0]), table([1, 1, 0], [1, 1, 1]).assign(session=1)])
    counts = choice_around_reversal(two, window=(-2, 0))["n_choices"].values[0].tolist()
    assert counts == [1, 1, 1]
