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


@pytest.fixture
def learners():
    """Two networks with two discounts, two learning rates and one number of units; one is at chance with 0.9."""
    coords = {"discount": [0.6, 0.9], "units": [16], "initial_learning_rate": [0.01, 0.04], "network": [0, 1]}
    reward = xr.DataArray([[[[0.6, 0.7], [0.7, 0.7]]], [[[0.5, 0.51], [0.66, 0.5]]]], coords, list(coords))
    index = xr.DataArray([[[[4.0, 20.0], [21.0, 22.0]]], [[[-1.0, 0.1], [9.0, -2.0]]]], coords, list(coords))
    status = xr.ones_like(reward.isel(network=0, drop=True), dtype=np.int8)
    return {"learner": xr.Dataset({"reward_per_trial": reward, "planning_index": index, "status": status})}


def test_networks_at_chance_do_not_count_among_those_that_earn(learners):
    assert figure.lowest_index_of_earners(learners).tolist() == [4, 20]


def test_the_highest_reward_with_a_long_horizon_is_that_of_low_learning_rates(learners):
    assert figure.reward_of_long_horizons(learners).tolist() == [0.5, 0.51]


def test_the_lowest_index_is_that_of_the_worst_informative_task(planted):
    np.testing.assert_allclose(figure.lowest_index(planted), [7 - 5, 7 - 5 + 1])


def test_uninformative_tasks_are_those_with_equal_transitions(planted):
    np.testing.assert_allclose(figure.index_without_information(planted), [0, 1])
