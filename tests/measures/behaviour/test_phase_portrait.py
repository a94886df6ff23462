import numpy as np
import pandas as pd
import pytest

from pfc_metarl.measures import phase_portrait
from pfc_metarl.settings import BadInput


def logistic(x):
    return 1 / (1 + np.exp(-np.asarray(x, float)))


def two_columns(logits):
    p = logistic(logits)
    return np.column_stack([1 - p, p])


TABLE = pd.DataFrame(
    {"subject": 0, "session": 0, "trial": [0, 1, 2, 4], "choice1": [1, 0, 1, 1], "reward": [1, 0, 1, 1]}
)
LOGITS = [0.25, 1.5, -0.25, 2.0]
"""Of option 1 before each trial."""


def test_the_change_is_that_of_the_chosen_option():
    """0.25 to 1.5 after a reward; of option 0, −1.5 to 0.25 without one. The third has no next trial, nor the last."""
    found = phase_portrait(TABLE, two_columns(LOGITS), edges=[-2, 0, 1], fewest=1).isel(subject=0)
    expected = {"rewarded": [np.nan, 1.25], "unrewarded": [1.75, np.nan]}
    for name, values in expected.items():
        np.testing.assert_allclose(found["change"].sel(trial_type=name), values)
    np.testing.assert_allclose(found["logit"].sel(trial_type="unrewarded"), [-1.5, np.nan])
    assert found["bin"].values.tolist() == [-1, 0.5]
    assert (found["n_trials"].item(), found["n_left_out"].item()) == (2, 2)


def test_what_comes_after_may_be_given():
    after = two_columns([0.5, 0.0, 0.0, 0.0])
    found = phase_portrait(TABLE, two_columns(LOGITS), after, edges=[-3, 3], fewest=1).isel(subject=0, bin=0)
    np.testing.assert_allclose(found["change"].sel(trial_type="rewarded"), np.mean([0.25, 0.25, -2.0]))
    assert found["n"].values.tolist() == [3, 1]


def test_transitions_are_told_apart():
    table = TABLE.assign(common=[1, 0, 0, 1])
    found = phase_portrait(table, two_columns(LOGITS), edges=[-3, 3], fewest=1).isel(subject=0, bin=0)
    assert found["trial_type"].values.tolist() == [
        "common rewarded", "common unrewarded", "rare rewarded", "rare unrewarded",
    ]  # fmt: skip
    assert found["n"].values.tolist() == [1, 0, 0, 1]


def test_bins_with_few_trials_are_empty():
    found = phase_portrait(TABLE, two_columns(LOGITS), edges=[-3, 3], fewest=2)
    assert np.isnan(found["change"]).all()


def test_forced_and_lost_trials_are_left_out():
    table = TABLE.assign(forced=[1, 0, 0, 0], lost=[0, 0, 1, 0])
    found = phase_portrait(table, two_columns(LOGITS), two_columns([0] * 4), edges=[-3, 3], fewest=1).isel(subject=0)
    assert found["n"].sum().item() == 2


@pytest.mark.parametrize(
    ("p", "options", "sentence"),
    [
        (np.ones((3, 2)), {}, r"shape \(3, 2\); give one row for each of the 4 rows"),
        (np.ones((4, 1)), {}, "a column for each option"),
        (two_columns(LOGITS), {"edges": [1, 0]}, "in order"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(p, options, sentence):
    with pytest.raises(BadInput, match=sentence):
        phase_portrait(TABLE, p, **options)
