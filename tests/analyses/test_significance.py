import numpy as np
import xarray as xr
from scipy import stats

from analyses.significance import different, in_words, significant, t_test

N_SUBJECTS = 6


def test_a_difference_between_kinds_of_networks_is_found_and_no_other():
    values = xr.DataArray(
        0.3 + 0.01 * np.random.default_rng(0).normal(size=(2, N_SUBJECTS, 4)),
        {"who": ["trained", "untrained"]},
        ("who", "subject", "regressor"),
    )
    values.loc[{"who": "untrained", "regressor": 0}] -= 0.2
    found = different(values)
    assert found.dims == ("regressor",)
    assert found.values.tolist() == [True, False, False, False]
    same = values.copy(data=np.broadcast_to(values.values[:1], values.shape))
    assert not different(same).any()


def test_values_on_either_side_of_zero_are_found():
    rng = np.random.default_rng(1)
    values = xr.DataArray(0.01 * rng.normal(size=(N_SUBJECTS, 3)) + [0.1, -0.1, 0.0], dims=("subject", "lag"))
    assert significant(values).values.tolist() == [True, True, False]
    assert not significant(values.isel(subject=[0])).any()


def test_the_words_of_a_t_test():
    # mean 2, s.d. 1, n 3: t = 2 / (1 / √3) = 3.46, p = 0.074
    assert t_test(np.array([1.0, 2.0, 3.0, np.nan])) == "t(2) = 3.5, p = 0.07"
    assert t_test(np.array([1.0])) == "one network, no test"
    assert in_words(stats.ttest_1samp([1.0, 2.0, 3.0], 0), "; ") == "t(2) = 3.5; p = 0.07"
