import numpy as np
import pytest
import xarray as xr

from analyses import figS_sweep_two_step as figure


@pytest.fixture
def planted():
    """Index 10 · p_common + network, less 5 at the highest probability of a reversal; two cells are missing."""
    coords = {"p_common": [0.5, 0.7, 0.9, 1.0], "p_reversal": [0.0, 0.1], "network": [0, 1]}
    p, reversal, network = (xr.DataArray(values, dims=name) for name, values in coords.items())
    index = (10 * p - 50 * reversal + network).assign_coords(coords)
    index[2, 1], index[0, 0] = np.nan, np.nan
    return {"task": xr.Dataset({"planning_index": index})}


def test_the_lowest_index_is_that_of_the_worst_informative_task(planted):
    np.testing.assert_allclose(figure.lowest_index(planted), [7 - 5, 7 - 5 + 1])


def test_uninformative_tasks_are_those_with_equal_transitions(planted):
    np.testing.assert_allclose(figure.index_without_information(planted), [0, 1])
