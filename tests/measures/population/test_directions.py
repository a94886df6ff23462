import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from pfc_metarl.measures import coding_direction, matched_directions
from pfc_metarl.settings import BadInput
from tests.measures.planted import coins, lived, signs

UNITS, AXIS = 12, np.array([3.0, -4.0] + [0.0] * 10)


@pytest.fixture(scope="module")
def planted():
    """Unit 0 is 3 higher and unit 1 4 lower on either side of a label; all fluctuate, some more than others."""
    rng = np.random.default_rng(0)
    label = coins(rng, "label", episodes=100)["label"]
    noise = rng.normal(size=(*label.shape, UNITS)) * np.linspace(1, 6, UNITS)
    activity = signs(label) * AXIS + noise + 10
    return lived(np.stack([activity, rng.normal(size=activity.shape)], axis=3)), label


def test_the_direction_is_what_was_planted(planted):
    made, label = planted
    got = coding_direction(made, label)
    assert (np.abs(got["direction"].values @ AXIS / 5) > 0.98).all()
    np.testing.assert_allclose(np.linalg.norm(got["direction"], axis=-1), 1)
    assert (got["direction"].values[:, 0] > 0.5).all(), "from the lower class to the upper"
    np.testing.assert_allclose(got["d_prime"].values[:, 0], 6 / 1, rtol=0.1)
    np.testing.assert_allclose(got["d_prime"].values[:, 1], -8 / np.linspace(1, 6, UNITS)[1], rtol=0.1)
    np.testing.assert_allclose(got["centre"], 10, atol=1)
    along = made["hidden"].values[:, :, ::2].reshape(2, -1, UNITS)[0] @ got["direction"].values[0]
    np.testing.assert_allclose(got["variance"][0], along.var(ddof=1), rtol=1e-4)
    flipped = coding_direction(made, 1 - label)
    np.testing.assert_allclose(flipped["direction"], -got["direction"])


def test_without_it_no_linear_reader_knows_the_label(planted):
    made, label = planted
    got = coding_direction(made, label)
    activity, truth = made["hidden"].values[0, :, ::2].reshape(-1, UNITS), label.values[0].ravel()
    axis = got["direction"].values[0]
    left = activity - np.outer(activity @ axis, axis)
    reader = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=1e-3)
    assert reader.fit(activity, truth).score(activity, truth) > 0.99
    assert reader.fit(left, truth).score(left, truth) < 0.56


def test_drawn_directions_vary_as_much_and_lie_at_right_angles(planted):
    made, label = planted
    given = coding_direction(made, label)["direction"].expand_dims("direction", 1)
    got = matched_directions(made, given, 30, seed=0)
    assert got["direction"].dims == ("subject", "draw", "direction", "unit")
    drawn = got["direction"].values[:, :, 0]
    np.testing.assert_allclose(np.linalg.norm(drawn, axis=-1), 1)
    np.testing.assert_allclose(np.einsum("sdu,su->sd", drawn, given.values[:, 0]), 0, atol=1e-9)
    activity = made["hidden"].values[:, :, ::2].reshape(2, -1, UNITS)
    variance = np.stack([(own @ each.T).var(axis=0, ddof=1) for own, each in zip(activity, drawn, strict=True)])
    np.testing.assert_allclose(variance, got["variance"].values[..., 0], rtol=1e-4)
    np.testing.assert_allclose(variance, got["target_variance"].values[:, [0]].repeat(30, 1), rtol=1e-3)
    cosines = np.abs(drawn[0] @ drawn[0].T)[np.triu_indices(30, 1)]
    assert np.median(cosines) < 0.9, "draws differ"


def test_where_nothing_varies_as_much_draws_are_close_and_still_differ(planted):
    made, _ = planted
    widest = np.zeros((2, 1, UNITS))
    widest[..., -1] = 1
    loud = made.copy(deep=True)
    loud["hidden"][..., -1] *= 10
    given = coding_direction(loud, planted[1])["direction"].expand_dims("direction", 1).copy(data=widest)
    got = matched_directions(loud, given, 10, seed=0)
    assert (got["variance"] < 0.1 * got["target_variance"]).all()
    assert (got["variance"] > 4).all()
    assert got["variance"].std("draw").min() > 0


def test_networks_and_seeds_have_different_draws(planted):
    made, label = planted
    given = coding_direction(made, label)["direction"].expand_dims("direction", 1)
    first, again, other = (matched_directions(made, given, 2, seed=seed)["direction"] for seed in (0, 0, 1))
    assert first.equals(again)
    assert not np.allclose(first, other)
    alone = matched_directions(made.isel(network=[0]), given[:1], 2, seed=0)["direction"]
    np.testing.assert_allclose(alone[0], first[0])


def test_a_missing_direction_is_reported(planted):
    made, label = planted
    with pytest.raises(BadInput, match="has 1 value;"):
        coding_direction(made, label * 0)
    with pytest.raises(BadInput, match="must have two values, not 3"):
        coding_direction(made, label + (label["trial"] > 10))
    with pytest.raises(BadInput, match="mean activity of both classes is the same"):
        coding_direction(made.assign(hidden=made["hidden"] * 0), label)
    silent = made.copy(deep=True)
    silent["hidden"][..., 4] = 1
    assert coding_direction(silent, label)["d_prime"].isnull().sum("unit").values.tolist() == [1, 1]
    given = coding_direction(made, label)["direction"].expand_dims("direction", 1)
    with pytest.raises(BadInput, match="n_draws = 0"):
        matched_directions(made, given, 0, seed=0)
    with pytest.raises(BadInput, match="directions: must be finite"):
        matched_directions(made, given * np.nan, 1, seed=0)


def test_a_network_without_a_direction_leaves_the_others(planted):
    made, label = planted
    got, whole = coding_direction(made, label.where(label["network"] == 0, 1)), coding_direction(made, label)
    assert got["valid"].values.tolist() == [True, False]
    assert got["reason"].values.tolist() == ["", "Network 1 has 0 trials with label = 0, fewer than 1"]
    for name in ("direction", "d_prime", "variance", "separation"):
        assert got[name].isel(subject=1).isnull().all()
        np.testing.assert_allclose(got[name].isel(subject=0), whole[name].isel(subject=0))


def test_directions_are_aligned_by_label(planted):
    made, label = planted
    made = made.assign_coords(network=[4, 2], unit=range(made.sizes["unit"]))
    given = coding_direction(made, label)["direction"].expand_dims("direction", 1)
    drawn = matched_directions(made, given, 2, seed=0)
    moved = given.isel(subject=[1, 0], unit=slice(None, None, -1)).transpose("unit", ...)
    assert matched_directions(made, moved, 2, seed=0).equals(drawn)
    with pytest.raises(BadInput, match="directions has subject 4, 3; the recording has 4, 2"):
        matched_directions(made, given.assign_coords(subject=[4, 3]), 2, seed=0)
    backwards = matched_directions(made.isel(network=[1, 0]), given, 2, seed=0)
    np.testing.assert_allclose(backwards["direction"].sel(subject=[4, 2]), drawn["direction"])
