import numpy as np
import pytest
import xarray as xr

from pfc_metarl.measures import demixed_variance
from pfc_metarl.settings import BadInput
from tests.measures.planted import coins, lived, signs


def planted(noise=0.5, scale=1.0, seed=0, **sizes):
    """Unit 0: 2 choice. Unit 1: choice x reward. Unit 2: 3 at the outcome only. Unit 3: reward, at the outcome only."""
    rng = np.random.default_rng(seed)
    factors = coins(rng, "choice", "reward", episodes=40, **sizes)
    choice, reward = signs(factors["choice"]), signs(factors["reward"])
    early = np.concatenate([2 * choice, choice * reward, 0 * choice, 0 * choice], -1)
    late = np.concatenate([2 * choice, choice * reward, 0 * choice + 3, reward], -1)
    activity = scale * np.stack([early, late], axis=3)
    return lived(activity + noise * rng.normal(size=activity.shape)), factors


def test_each_part_gets_what_was_planted():
    got = demixed_variance(*planted())
    expected = {
        "choice": 4,
        "reward": 0.25,
        "time": 2.25,
        "choice x reward": 1,
        "choice x time": 0,
        "reward x time": 0.25,
        "choice x reward x time": 0,
    }
    assert got["part"].values.tolist() == list(expected)
    for name, variance in expected.items():
        np.testing.assert_allclose(got["variance"].sel(part=name), variance, atol=0.1)
        np.testing.assert_allclose(got["fraction"].sel(part=name), variance / 7.75, atol=0.02)
    np.testing.assert_allclose(got["fraction"].sum("part"), 1)
    assert (got["signal_fraction"] > 0.99).all()
    units = got["unit_variance"].sel(part=["choice", "choice x reward", "time"]).mean("subject")
    np.testing.assert_allclose(units, [[4, 0, 0, 0], [0, 1, 0, 0], [0, 0, 2.25, 0.0]], atol=0.1)


def test_without_noise_squares_add_up_to_the_variance_of_the_means():
    made, factors = planted(noise=0)
    got = demixed_variance(made, factors)
    np.testing.assert_allclose(got["variance"].sum("part"), 7.75, rtol=1e-5)
    np.testing.assert_allclose(got["noise"], 0, atol=1e-6)


def test_unbalanced_choices_do_not_mix_the_parts():
    made, factors = planted(noise=0)
    rare = factors["reward"].where((factors["reward"] == factors["choice"]) | (factors["reward"]["trial"] % 4 == 0))
    got = demixed_variance(made, {**factors, "reward": rare})
    np.testing.assert_allclose(got["fraction"], demixed_variance(made, factors)["fraction"], atol=1e-5)


def test_noise_explains_nothing_whatever_the_number_of_trials():
    results = [demixed_variance(*planted(scale=0, noise=1, seed=seed)) for seed in range(20)]
    found = xr.concat([result["variance"] for result in results], "run")
    parts = found.stack(draw=("run", "subject"))
    z = parts.mean("draw") / (parts.std("draw", ddof=1) / np.sqrt(parts.sizes["draw"]))
    assert (np.abs(z) < 4).all()
    raw = np.mean([result["noise"].mean() for result in results])
    # 8 means of 100 trials each, with 4 units: each mean has variance 1 / 200 (both halves), less the grand mean's.
    np.testing.assert_allclose(raw, 4 * 7 / 8 / 200, rtol=0.1)
    assert np.isnan([result["fraction"] for result in results]).any()


def test_one_phase_has_no_time():
    made, factors = planted()
    got = demixed_variance(made, factors, ("choice",))
    assert got["part"].values.tolist() == ["choice", "reward", "choice x reward"]
    alone = demixed_variance(made, {})
    assert alone["part"].values.tolist() == ["time"]
    np.testing.assert_allclose(alone["variance"], 2.25, atol=0.15)


def test_a_silent_network_has_no_fractions():
    made, factors = planted()
    silent = demixed_variance(made.assign(hidden=made["hidden"] * 0), factors)
    assert silent["fraction"].isnull().all()
    assert silent["signal_fraction"].isnull().all()
    assert (silent["variance"] == 0).all()


def test_what_cannot_be_demixed_is_refused():
    made, factors = planted()
    once = factors["reward"].where(factors["choice"] == 0, 0)
    once[:, 0, 0] = 1
    with pytest.raises(BadInput, match="half of its episodes"):
        demixed_variance(made, {"choice": factors["choice"] * 0 + np.arange(20) % 2, "reward": once * 0 + _first()})
    with pytest.raises(BadInput, match="Network 0 has 0 trials with choice = 1, reward = 1"):
        demixed_variance(made, {**factors, "reward": factors["reward"].where(factors["choice"] == 0, 0)})
    with pytest.raises(BadInput, match="name each phase once"):
        demixed_variance(made, factors, ("choice", "choice"))
    with pytest.raises(BadInput, match="give at least one"):
        demixed_variance(made, {}, ("choice",))
    with pytest.raises(BadInput, match="not dict"):
        demixed_variance({}, factors, ("choice",))


def _first():
    """1 in the first episode only."""
    return xr.DataArray((np.arange(40) == 0).astype(float), dims="episode")
