import numpy as np
import pytest

from pfc_metarl.measures import mixed_selectivity
from pfc_metarl.settings import BadInput
from tests.measures.planted import coins, lived, signs

KINDS = ["none", "pure", "pure", "linear mixed", "nonlinear mixed", "nonlinear mixed", "none"]


@pytest.fixture(scope="module")
def planted():
    rng = np.random.default_rng(0)
    factors = coins(rng, "choice", "reward", episodes=40)
    a, b = (signs(factor) for factor in factors.values())
    units = [0 * a, a, -2 * b, a + b, a * b, np.where(a + b > 1, 3, 0) - 0 * a, 0 * a]
    activity = np.concatenate(units, -1)
    return lived((activity + rng.normal(size=activity.shape))[:, :, :, None]), factors


def test_units_are_what_was_planted(planted):
    got = mixed_selectivity(*planted, level=0.01)
    assert got["selectivity"].values.tolist() == [KINDS] * 2
    assert got["p_units"].sel(kind="nonlinear mixed").values.tolist() == [2 / 7] * 2
    np.testing.assert_allclose(got["p_units"].sum("kind"), 1)
    # Unit 5 is 3 in one of four conditions: (3/4)² of variance each for a, b and a x b, over that and the noise.
    explained = got["unique_r_squared"].isel(unit=5)
    np.testing.assert_allclose(explained, 0.5625 / (3 * 0.5625 + 1), atol=0.03)


def test_small_effects_can_be_excluded(planted):
    got = mixed_selectivity(*planted, level=0.01, at_least=0.6)
    assert got["selectivity"].values[0].tolist() == ["none", "none", "pure", "none", "none", "none", "none"]


def test_slow_drifts_are_not_taken_for_selectivity():
    rng = np.random.default_rng(1)
    blocks = coins(rng, "a", "b", episodes=60, networks=4)
    slow = {name: factor.isel(trial=[0] * 20) for name, factor in blocks.items()}
    moods = rng.normal(size=(4, 60, 1, 1, 40)) + 0.1 * rng.normal(size=(4, 60, 20, 1, 40))
    got = mixed_selectivity(lived(moods), slow)
    # False discoveries: any at all in a network with probability 0.05; p values uniform.
    assert (got["p_units"].sel(kind="none") == 1).sum() >= 3
    np.testing.assert_allclose((got["p_value"] < 0.05).mean(), 0.05, atol=0.035)


def test_a_silent_unit_is_not_sorted(planted):
    made, factors = planted
    silent = made.copy(deep=True)
    silent["hidden"][..., 3] = 2.0
    got = mixed_selectivity(silent, factors)
    assert got["selectivity"].values[:, 3].tolist() == ["", ""]
    assert set(got["reason"].values[:, 3]) == {"its activity never changes"}
    assert got["n_units"].values.tolist() == [6, 6]
    np.testing.assert_allclose(got["p_units"].sum("kind"), 1)


def test_factors_that_cannot_mix_are_refused(planted):
    made, factors = planted
    with pytest.raises(BadInput, match="factors = choice: give two"):
        mixed_selectivity(made, {"choice": factors["choice"]})
    with pytest.raises(BadInput, match=r"factors\['sum'\] has 3 values; it must have two"):
        mixed_selectivity(made, {"choice": factors["choice"], "sum": factors["choice"] + factors["reward"]})
    with pytest.raises(BadInput, match="0 trials with choice = 0, same = 1"):
        mixed_selectivity(made, {"choice": factors["choice"], "same": factors["choice"]})
    with pytest.raises(BadInput, match="at_least = 1"):
        mixed_selectivity(made, factors, at_least=1)


def test_too_few_episodes_cannot_be_tested(planted):
    made, factors = planted
    some = {name: factor[:, :19] for name, factor in factors.items()}
    got = mixed_selectivity(made.isel(episode=slice(19)), some)
    assert set(got["selectivity"].values.ravel()) == {""}
    assert got["reason"].str.startswith("19 episodes are too few").all()
    assert got["p_units"].isnull().all()
    assert (got["n_units"] == 0).all()
