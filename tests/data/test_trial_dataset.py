import numpy as np
import pandas as pd
import pytest
import xarray as xr

from pfc_metarl import trials
from pfc_metarl.data import trial_dataset
from pfc_metarl.measures import stay_regression
from pfc_metarl.settings import BadInput
from tests.handmade import table

TABLE = pd.DataFrame(
    {
        "subject": ["a", "a", "a", "b"],
        "session": ["monday", "monday", "friday", "friday"],
        "trial": [1, 3, 1, 1],
        "choice1": pd.array([0, None, 1, 1], dtype="Int64"),
        "reward": [1.0, np.nan, 0.5, 0.0],
        "group": ["x", "x", "x", "y"],
    }
)


def test_a_table_becomes_a_dataset_and_a_table_again():
    pd.testing.assert_frame_equal(trials(trial_dataset(TABLE)), TABLE, check_like=True, check_dtype=False)


def test_sessions_are_counted_for_each_subject_and_padded():
    made = trial_dataset(TABLE)
    assert dict(made.sizes) == {"subject": 2, "session": 2, "trial": 2}
    assert made["session_label"].values.tolist() == [["monday", "friday"], ["friday", ""]]
    np.testing.assert_array_equal(made["trial_number"].sel(subject="b"), [[1, np.nan], [np.nan, np.nan]])


def test_a_measure_reads_both_alike():
    choice, common, reward = np.random.default_rng(0).integers(0, 2, (3, 80))
    own = table(choice, common, reward)
    xr.testing.assert_identical(stay_regression(trial_dataset(own)), stay_regression(own))


def test_a_dataset_of_other_dims_is_refused():
    with pytest.raises(BadInput, match="it must have"):
        trials(trial_dataset(TABLE).assign(extra=("other", [1])))
