import numpy as np
import pytest
import xarray as xr

from analyses import figS_units_volatility as figure
from analyses.claim import with_tests
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_VOLATILITY
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Volatility

UNITS = ("network", "episode", "step", "unit")


@pytest.fixture(scope="module")
def orders():
    """In either order, an agent that chooses at random, and the Bayesian learner yoked to it."""
    yoked = {figure.LEARNER: REFERENCE_AGENTS_VOLATILITY[figure.LEARNER]}
    return {
        order: record(
            Volatility(n_trials=40, schedule=order), REFERENCE_AGENTS_VOLATILITY["random"], 20, 0, yoked=yoked
        )
        for order in figure.ORDERS
    }


def test_signatures_are_the_values_of_the_learner_and_the_state_of_the_world(orders):
    lived = orders["stable_first"]
    got = figure.signatures(lived)
    np.testing.assert_array_equal(got["expected volatility"], lived["expected_volatility_bayesian_learner"])
    np.testing.assert_array_equal(got["uncertainty"], lived["uncertainty_bayesian_learner"])
    np.testing.assert_array_equal(got["truly volatile"], np.broadcast_to(np.arange(40) >= 20, (1, 20, 40)))
    np.testing.assert_array_equal(got["true probability"], lived["p_reward"][..., 1])
    for decoded, name in zip(figure.targets(lived).values(), figure.TARGETS, strict=True):
        np.testing.assert_array_equal(decoded, got[name])


def test_what_follows_volatility_is_transferred_and_a_clock_is_read_the_wrong_way(orders):
    rng = np.random.default_rng(0)
    made = {}
    for order, lived in orders.items():
        noise = rng.normal(size=(*lived["action"].shape, 1))
        clock = xr.zeros_like(lived["volatile"]).values + np.arange(40) / 20 - 1
        carried = {"trained": 4 * lived["volatile"].values, "untrained": 4 * clock}
        made[order] = {who: lived.assign(hidden=(UNITS, values[..., None] + noise)) for who, values in carried.items()}
    area = figure.transfer(made)["score"].sel(target="volatile")
    assert (area.sel(who="trained") > 0.9).all()
    assert (area.sel(who="untrained") < 0.1).all()


@pytest.mark.parametrize(("volatility", "uncertainty"), [(0.1, 0.0), (0.0, 0.0), (0.1, 0.1)])
def test_the_title_needs_a_code_that_constant_volatility_does_not_give_and_one_that_it_does(volatility, uncertainty):
    names = ["trained", "untrained", "constant", "shuffled"]
    noise = np.random.default_rng(0).normal(size=(4, 2, 1, 8))
    strength = xr.DataArray(
        0.05 + 0.01 * (noise - noise.mean(-1, keepdims=True)),
        {"who": names, "regressor": list(figure.ENCODED), "phase": ["choice"]},
        ("who", "regressor", "phase", "subject"),
    )
    strength.loc[{"who": "trained"}] += np.array([volatility, uncertainty])[:, None, None]
    of_volatility, of_uncertainty, *_ = with_tests(
        "figure", figure.CLAIMS, {"encoding": strength.to_dataset(name="partial_correlation")}
    )
    assert (of_volatility.mean, of_uncertainty.mean) == pytest.approx((volatility, uncertainty), abs=1e-9)
    assert (of_volatility.holds, of_uncertainty.holds) == (volatility > 0, uncertainty == 0)
