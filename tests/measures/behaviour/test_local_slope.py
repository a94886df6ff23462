import numpy as np
import pytest
import xarray as xr

from pfc_metarl.measures import local_slope
from pfc_metarl.settings import BadInput


def made(x, y):
    return xr.Dataset(
        {name: (("subject", "session"), np.atleast_2d(v)) for name, v in (("reward_ratio", x), ("choice_ratio", y))}
    )


def test_each_interval_has_the_slope_of_its_own_sessions():
    x = np.linspace(-2, 2, 400)
    y = np.where(abs(x) < 1, 0.2 * x, np.sign(x) * (0.2 + 1.5 * (abs(x) - 1)))
    found = local_slope(made(x, y), [-2, -1, 1, 2.1])
    np.testing.assert_allclose(found["slope"], [[1.5, 0.2, 1.5]], rtol=1e-2)
    np.testing.assert_array_equal(found["interval"], [-1.5, 0, 1.55])
    assert found["n_sessions"].sum() == 400


def test_a_step_has_no_slope_in_the_middle_though_one_line_has():
    x = np.linspace(-3, 3, 301)
    found = local_slope(made(x, 2 * np.sign(x)), [-3, -1, -0.02, 0.02, 1, 3])["slope"].values[0]
    assert np.polyfit(x, 2 * np.sign(x), 1)[0] > 0.9
    np.testing.assert_allclose(found[[0, 1, 3, 4]], 0, atol=1e-12)


def test_sessions_without_a_ratio_are_counted_and_few_sessions_have_no_slope():
    x = np.concatenate([np.linspace(-0.4, 0.4, 30), [np.nan] * 3, [1.0, 1.1]])
    found = local_slope(made([x, x], [x, x]), [-0.5, 0.5, 1.5])
    np.testing.assert_array_equal(found["n_without_ratio"], [3, 3])
    np.testing.assert_array_equal(found["n_sessions"], [[30, 2]] * 2)
    np.testing.assert_array_equal(np.isnan(found["slope"]), [[False, True]] * 2)


@pytest.mark.parametrize("edges", [[1.0], [1.0, 0.0], [0.0, 0.0]])
def test_edges_that_do_not_rise_are_refused(edges):
    with pytest.raises(BadInput, match="edges = "):
        local_slope(made([0.0], [0.0]), edges)


def test_more_than_two_options_are_refused():
    with pytest.raises(BadInput, match="two options"):
        local_slope(made([0.0], [0.0]).expand_dims(option=3))
