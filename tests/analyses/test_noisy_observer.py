import numpy as np
import pytest
import xarray as xr

from analyses import noisy_observer
from pfc_metarl.models.exact_regret import exact_regret

TESTS = {"easy": (0.1, 0.9), "hard": (0.4, 0.6)}


def observed(fraction):
    return noisy_observer.noisy_observer(xr.DataArray([fraction, fraction], dims="subject"), TESTS)


def test_the_observer_chooses_against_one_outcome_as_often_as_networks():
    # After one outcome the posterior of the better arm is 0.6, so payoffs differ by 0.6 x 0.2 - 0.4 x 0.2 = 0.04.
    p_against = 1 / (1 + np.exp(observed(0.23)["inverse_temperature"].item() * 0.04))
    assert p_against == pytest.approx(0.23)


def test_without_noise_it_is_the_optimum():
    regret = observed(0.0)["regret"]
    assert regret.sel(tested="easy").item() == pytest.approx(exact_regret(None, TESTS["easy"])[-1], abs=1e-3)


def test_with_the_noise_of_networks_it_loses_more_on_easy_arms_than_one_who_takes_arms_as_independent():
    regret = observed(0.23)["regret"]
    assert regret.sel(tested="easy").item() > exact_regret("independent", TESTS["easy"])[-1]  # 0.797
    assert regret.sel(tested="hard").item() < exact_regret("independent", TESTS["hard"])[-1]  # 2.966


def test_a_diamond_has_the_ideal_regret_below_it(ax):
    ideal = xr.DataArray([1.0, 0.625, 2.312], {"tested": ["medium", "easy", "hard"]}, ("tested",))
    found = observed(0.23)
    noisy_observer.draw_noisy_observer(found, ideal, ax=ax)
    (line,) = ax.lines
    np.testing.assert_array_equal(line.get_xdata(), [0.625, 2.312])
    np.testing.assert_array_equal(line.get_ydata(), found["regret"])


def test_choices_against_one_outcome_are_counted():
    rewarded_left, then = [0, 1, 1, 0], [1, 0, 1, 1]  # balance before each trial: 0, 1, 2 ... by hand
    recording = xr.Dataset(
        {
            "action": (("network", "episode", "step"), [[rewarded_left]]),
            "reward": (("network", "episode", "step"), [[then]]),
        },
        {"network": [0], "step": range(4)},
    )
    # left rewarded: +1; then right (against) unrewarded: +2; then right rewarded: +1; then left (with the balance)
    assert noisy_observer.against_evidence(recording)["against"].values.tolist() == [0.5]
