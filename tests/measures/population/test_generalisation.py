import numpy as np
import pytest

from pfc_metarl.measures import dichotomies
from pfc_metarl.measures.population.generalisation import _dichotomies
from pfc_metarl.settings import BadInput
from tests.measures.planted import coins, lived, signs

N_UNITS = 20


def planted(geometry, noise=0.5, seed=0, n_factors=2):
    rng = np.random.default_rng(seed)
    factors = coins(rng, *"abc"[:n_factors], episodes=30)
    sides = [signs(factor) for factor in factors.values()]
    if geometry == "abstract":  # each factor along an axis of its own
        axes = np.linalg.qr(rng.normal(size=(N_UNITS, n_factors)))[0].T * 3
        clouds = sum(side * axis for side, axis in zip(sides, axes, strict=True))
    elif geometry == "scattered":  # each condition anywhere
        code = sum((side[..., 0] > 0) * 2**k for k, side in enumerate(sides))
        clouds = rng.normal(size=(2**n_factors, N_UNITS))[code] * 3
    else:
        clouds = np.zeros((*sides[0].shape[:3], N_UNITS))
    return lived((clouds + noise * rng.normal(size=clouds.shape))[:, :, :, None]), factors


def test_abstract_factors_generalise_and_their_xor_cannot_be_read():
    got = dichotomies(*planted("abstract"), n_trials=50, n_null=2, held_out="neighbours")
    assert got["dichotomy"].values.tolist() == ["a", "b", "0,0 | 1,1"]
    own = got.sel(dichotomy=["a", "b"])
    assert (own["decoding"] > 0.99).all()
    assert (own["generalisation"] > 0.99).all()
    assert (own["parallelism"] > 0.98).all()
    xor = got.sel(dichotomy="0,0 | 1,1")
    np.testing.assert_allclose(xor["decoding"], 0.5, atol=0.1)
    assert (xor["generalisation"] < 0.3).all(), "the other side of the square turns it round"
    np.testing.assert_allclose(got["shattering_dimensionality"], (2 + xor["decoding"]) / 3, atol=0.01)
    assert got["n_trials"].values.tolist() == [50, 50]


def test_scattered_conditions_are_read_but_do_not_generalise():
    options = {"n_trials": 20, "n_null": 4, "held_out": "neighbours"}
    found = [dichotomies(*planted("scattered", seed=seed), seed=seed, **options) for seed in range(5)]
    assert min(got["decoding"].min() for got in found) > 0.9
    ccgp = np.concatenate([got["generalisation"].values.ravel() for got in found])
    null = np.concatenate([got["null"].values.ravel() for got in found])
    assert abs(null.mean() - 0.5) < 4 * null.std() / np.sqrt(null.size)
    assert abs(ccgp.mean() - null.mean()) < 4 * ccgp.std() / np.sqrt(ccgp.size)
    assert null.std() > 0.1


def test_on_a_square_a_decoder_of_the_diagonal_is_at_chance_and_of_a_side_half_way():
    """Without two neighbours the decoder is as good as ever; without a diagonal, it was trained on the other one."""
    square = dichotomies(*planted("abstract", noise=0.1), n_trials=50, n_null=0)
    side = square["generalisation"].sel(dichotomy=["a", "b"]).mean("dichotomy")  # what is right for a is wrong for b
    np.testing.assert_allclose(side, (2 * 1 + 2 * 0.5) / 4, atol=0.02)


def test_on_a_cube_factors_are_abstract_and_parity_is_not():
    cube = dichotomies(*planted("abstract", noise=0.1, n_factors=3), n_trials=20, n_null=10)
    factors = cube.sel(dichotomy=list("abc"))
    assert (factors["generalisation"] > 0.99).all()
    assert (factors["parallelism"] > 0.99).all()
    parity = cube.sel(dichotomy="0,0,1 | 0,1,0 | 1,0,0 | 1,1,1")
    assert (parity["parallelism"] < -0.2).all(), "the vectors of parity add to nothing"
    assert (parity["generalisation"] < 0.3).all()
    assert (cube["null"].mean("draw") < 0.9).all()


def test_over_all_dichotomies_generalisation_is_a_half_whatever_the_geometry():
    for geometry in ("abstract", "scattered"):
        got = dichotomies(*planted(geometry, n_factors=3), n_trials=10, n_null=0)
        np.testing.assert_allclose(got["generalisation"].mean("dichotomy"), 0.5, atol=1e-12)


def test_noise_is_not_read():
    got = dichotomies(*planted("none"), n_trials=100, n_null=0)
    np.testing.assert_allclose(got["decoding"], 0.5, atol=0.1)
    np.testing.assert_allclose(got["generalisation"], 0.5, atol=0.1)
    assert got.sizes["draw"] == 0


def test_six_conditions_have_ten_splits_and_eight_have_35():
    made, factors = planted("abstract", n_factors=2)
    thirds = {"a": factors["a"], "c": factors["b"].copy(data=np.random.default_rng(1).integers(0, 3, (2, 30, 20)))}
    got = dichotomies(made.isel(network=[0]), {n: f[:1] for n, f in thirds.items()}, n_trials=10, n_null=0)
    assert got.sizes["dichotomy"] == 10
    assert got["dichotomy"].values[:2].tolist() == ["a", "0,0 | 0,1 | 1,2"]
    assert got["generalisation"].values[0, 0] > 0.95
    splits = _dichotomies({name: np.array([0, 1]) for name in "abc"}, (2, 2, 2))
    assert len(splits) == len(set(splits.values())) == 35
    assert list(splits)[:3] == ["a", "b", "c"]
    assert splits["a"] == (4, 5, 6, 7)
    assert splits["c"] == (1, 3, 5, 7)


def test_the_draw_is_made_by_its_seed():
    made, factors = planted("scattered")
    first, again, other = (dichotomies(made, factors, n_trials=20, n_null=3, seed=seed) for seed in (0, 0, 1))
    assert first.equals(again)
    assert not first["null"].equals(other["null"])


def test_silent_units_do_no_harm():
    made, factors = planted("abstract")
    made["hidden"][..., :5] = 0
    assert (dichotomies(made, factors, n_trials=20, n_null=2)["decoding"].sel(dichotomy="a") > 0.9).all()


def test_what_cannot_be_split_is_refused():
    made, factors = planted("abstract")
    with pytest.raises(BadInput, match="2 conditions; there must be 4, 6 or 8"):
        dichotomies(made, {"a": factors["a"]})
    with pytest.raises(BadInput, match="0 trials with a = 0, b = 1, fewer than 10"):
        dichotomies(made, {"a": factors["a"], "b": factors["a"]})
    few = {name: factor[:, :3] for name, factor in factors.items()}
    with pytest.raises(BadInput, match="fewer than 5 episodes"):
        dichotomies(made.isel(episode=slice(3)), few)
    with pytest.raises(BadInput, match="held_out = 'none': must be 'all' or 'neighbours'"):
        dichotomies(made, factors, held_out="none")
    with pytest.raises(BadInput, match="n_trials = 1"):
        dichotomies(made, factors, n_trials=1)
    with pytest.raises(BadInput, match="not finite"):
        dichotomies(made.assign(hidden=made["hidden"] * np.nan), factors)
