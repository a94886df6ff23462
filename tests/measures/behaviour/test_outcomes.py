import numpy as np
import pandas as pd
import pytest

from pfc_metarl.measures.behaviour.outcomes import rewarded
from pfc_metarl.settings import BadInput


@pytest.mark.parametrize(
    ("reward", "expected"),
    [
        ([0, 1, np.nan], [0, 1, np.nan]),
        ([-1, 1], [0, 1]),
        ([1, 1], [1, 1]),
        ([0.0, 0.0], [0, 0]),
        ([0.2, -1, 0, 5], [1, 0, 0, 1]),
        ([np.nan], [np.nan]),
    ],
)
def test_a_gain_is_a_reward(reward, expected):
    np.testing.assert_array_equal(rewarded(pd.Series(reward, dtype=float)), expected)


@pytest.mark.parametrize(
    ("reward", "said"), [([1, 9, 4], "1 to 9, lie above 0"), ([-4, -2], "-4 to -2, lie at or below 0")]
)
def test_values_that_leave_no_contrast_are_refused(reward, said):
    with pytest.raises(BadInput, match=f"reward: all values, {said}, .* give rewarded_above="):
        rewarded(pd.Series(reward, dtype=float))


def test_the_threshold_is_an_argument():
    assert rewarded(pd.Series([1.0, 9.0, 5.0]), above=5).tolist() == [0, 1, 0]
    with pytest.raises(BadInput, match="rewarded_above = nan"):
        rewarded(pd.Series([1.0]), above=np.nan)
