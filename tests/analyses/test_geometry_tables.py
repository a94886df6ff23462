import numpy as np
import xarray as xr

from analyses import geometry_tables
from tests.measures.planted import coins, lived, signs


def planted(seed):
    """Two networks with three factors along axes of their own."""
    rng = np.random.default_rng(seed)
    factors = coins(rng, *"abc", episodes=30)
    axes = np.linalg.qr(rng.normal(size=(10, 3)))[0].T * 3
    clouds = sum(signs(factor) * axis for factor, axis in zip(factors.values(), axes, strict=True))
    return lived((clouds + 0.5 * rng.normal(size=clouds.shape))[:, :, :, None]), factors


def test_the_geometry_of_trained_and_of_untrained_networks_is_measured(monkeypatch):
    monkeypatch.setattr(geometry_tables, "N_TRIALS", 10)
    monkeypatch.setattr(geometry_tables, "N_NULL", 2)
    (trained, factors), (untrained, _) = planted(0), planted(1)
    untrained = untrained.assign(
        hidden=0 * untrained["hidden"] + np.random.default_rng(2).normal(size=untrained["hidden"].shape)
    )
    got = geometry_tables.geometry({"trained": trained, "untrained": untrained}, lambda recording: factors)
    assert (got["dichotomies"]["generalisation"].sel(dichotomy=["a", "b", "c"]) > 0.95).all()
    np.testing.assert_allclose(got["dichotomies_untrained"]["decoding"], 0.5, atol=0.2)
    assert set(got["dimensions"]["who"].values) == {"trained", "untrained"}


def test_exchanged_conditions_are_less_similar():
    rng = np.random.default_rng(0)
    signal = rng.normal(size=(1, 2, 2, 2, 4))
    means = xr.DataArray(signal + 0.1 * rng.normal(size=(3, 2, 2, 2, 4)), dims=("subject", "a", "b", "c", "unit"))
    got = geometry_tables.similarity({"trained": means, "untrained": means})
    shuffled = got.sel(who="conditions\nshuffled")
    alike = got.sel(who="trained")
    different = ~np.eye(3, dtype=bool)
    assert alike["linear_cka"].values[different].min() > 0.9
    assert shuffled["linear_cka"].values[different].max() < 0.4
    assert alike["procrustes_disparity"].values[different].max() < 0.1
    assert shuffled["procrustes_disparity"].values[different].min() > 0.2
