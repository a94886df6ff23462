import numpy as np
import pandas as pd
import pytest

from pfc_metarl.measures import perseveration
from pfc_metarl.settings import BadInput


def table(good, choice, **columns):
    made = pd.DataFrame({"subject": 0, "session": 0, "trial": range(len(good)), "good_state": good, "choice1": choice})
    return made.assign(**columns)


def test_choices_are_counted_until_the_first_other_one():
    made = table([0, 0, 1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 1, 0, 0, 0])
    found = perseveration(made)
    assert found["perseveration"].item() == (2 + 0) / 2  # after the second reversal option 0 is chosen at once
    assert found["n_reversals"].item() == 2
    assert (found["n_trials"].item(), found["n_left_out"].item()) == (8, 0)


def test_a_third_option_is_no_perseveration():
    made = table([0, 0, 1, 1, 2, 2], [0, 0, 0, 2, 1, 1])
    assert perseveration(made)["perseveration"].item() == (1 + 2) / 2


def test_a_new_session_is_no_reversal():
    made = pd.concat([table([0, 1], [0, 0]), table([0, 0], [1, 1]).assign(session=1)], ignore_index=True)
    assert perseveration(made)["n_reversals"].item() == 1


def test_forced_and_lost_trials_are_passed_over():
    good = [0, 0, 1, 1, 1, 1, 1]
    expected = perseveration(table(good[:2] + good[4:], [0, 0, 0, 0, 1]))
    made = table(good, [0, 0, 1, np.nan, 0, 0, 1], forced=[0, 0, 1, 0, 0, 0, 0])
    assert perseveration(made)["perseveration"].item() == expected["perseveration"].item() == 2


def test_a_subject_without_a_reversal_has_a_reason():
    made = pd.concat([table([0, 1], [0, 0]), table([0, 0], [1, 1]).assign(subject=1)], ignore_index=True)
    found = perseveration(made)
    assert found["valid"].values.tolist() == [True, False]
    assert np.isnan(found["perseveration"].values[1])
    with pytest.raises(BadInput, match="there is no reversal"):
        perseveration(made[made["subject"] == 1])
