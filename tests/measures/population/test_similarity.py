import numpy as np
import pytest
import xarray as xr
from scipy import stats

from pfc_metarl.measures import representational_similarity
from pfc_metarl.settings import BadInput

ROWS = ("choice", "reward")


def array(values, *rows):
    return xr.DataArray(np.asarray(values), dims=("subject", *(rows or ROWS), "unit"))


@pytest.fixture
def representations():
    """Two networks: 6 x 5 conditions, 7 units."""
    return array(np.random.default_rng(0).normal(size=(2, 6, 5, 7)))


def test_rotation_shift_scale_and_more_units_change_nothing(representations):
    rng = np.random.default_rng(1)
    turn = np.linalg.qr(rng.normal(size=(9, 9)))[0][:7]
    turned = array(3 * representations.values @ turn + rng.normal(size=9))
    got = representational_similarity(representations, turned)
    assert got["linear_cka"].dims == ("subject", "other")
    for name, same in (("linear_cka", 1), ("biased_cka", 1), ("procrustes_disparity", 0)):
        np.testing.assert_allclose(np.diag(got[name]), same, atol=1e-9)
    assert np.abs(got["linear_cka"].values[0, 1]) < 0.5
    assert got["procrustes_disparity"].values[0, 1] > 0.3
    paired = representational_similarity(representations, turned, paired=True)
    np.testing.assert_allclose(paired["linear_cka"], 1)
    assert got.attrs["n_rows"] == 30


def test_the_estimates_are_those_of_their_papers(representations):
    one, other = representations.values.reshape(2, 30, 7)
    kernels = [x @ x.T for x in (one, other)]

    def hsic1(k, l):  # noqa: E741
        n, k, l = len(k), k - np.diag(np.diag(k)), l - np.diag(np.diag(l))  # noqa: E741
        rest = k.sum() * l.sum() / ((n - 1) * (n - 2)) - 2 / (n - 2) * (k @ l).sum()
        return (np.trace(k @ l) + rest) / (n * (n - 3))

    expected = hsic1(*kernels) / np.sqrt(hsic1(kernels[0], kernels[0]) * hsic1(kernels[1], kernels[1]))
    centre = np.eye(30) - 1 / 30
    k, m = (centre @ kernel @ centre for kernel in kernels)
    biased = (k * m).sum() / np.sqrt((k * k).sum() * (m * m).sum())
    got = representational_similarity(representations, representations)
    np.testing.assert_allclose(got["linear_cka"].values[0, 1], expected)
    np.testing.assert_allclose(got["biased_cka"].values[0, 1], biased)
    np.testing.assert_allclose(got["linear_cka"].values[0, 1], got["linear_cka"].values[1, 0])


def test_unrelated_networks_are_not_alike_even_with_few_conditions():
    rng = np.random.default_rng(2)
    found = representational_similarity(array(rng.normal(size=(12, 4, 2, 40))), array(rng.normal(size=(12, 4, 2, 40))))
    assert abs(stats.zscore(found["linear_cka"].values.ravel()).mean()) < 1e-9
    mean = found["linear_cka"].mean().item()
    assert abs(mean) < 3 * found["linear_cka"].std().item() / np.sqrt(24)
    assert found["biased_cka"].min() > 0.7, "the usual estimate cannot tell them from the same"


def test_partial_overlap_lies_between():
    rng = np.random.default_rng(3)
    shared, own = rng.normal(size=(1, 20, 5, 10)), rng.normal(size=(5, 20, 5, 10))
    mixes = [array(np.cos(angle) * shared + np.sin(angle) * own) for angle in np.linspace(0, np.pi / 2, 4)]
    found = [representational_similarity(array(shared), mix)["linear_cka"].mean().item() for mix in mixes]
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.99


def test_moment_by_moment_only_networks_in_the_same_worlds_are_compared(representations):
    moments = representations.rename(choice="episode", reward="trial")
    got = representational_similarity(moments, moments, paired=True)
    np.testing.assert_allclose(got["linear_cka"], 1)
    with pytest.raises(BadInput, match="paired = False: networks live in different episodes"):
        representational_similarity(moments, moments)
    with pytest.raises(BadInput, match="one recording has 2 networks, the other 1"):
        representational_similarity(moments, moments[:1], paired=True)


def test_a_silent_network_is_similar_to_no_network(representations):
    quiet = representations.copy()
    quiet[1] = 3.0
    got = representational_similarity(representations, quiet)
    assert got["linear_cka"].isnull().values.tolist() == [[False, True]] * 2
    one_silent_unit = representations.copy()
    one_silent_unit[..., 2] = 0
    assert representational_similarity(one_silent_unit, one_silent_unit)["linear_cka"].notnull().all()


def test_what_cannot_be_compared_is_refused(representations):
    with pytest.raises(BadInput, match="not finite"):
        representational_similarity(representations, representations * np.nan)
    with pytest.raises(BadInput, match="reward: first and second differ"):
        representational_similarity(representations, representations[:, :, :3])
    labelled = representations.assign_coords(choice=range(6))
    with pytest.raises(BadInput, match="choice: first and second differ"):
        representational_similarity(labelled, labelled.assign_coords(choice=range(1, 7)))
    with pytest.raises(BadInput, match="must be the same conditions"):
        representational_similarity(representations, representations.rename(choice="state"))
    with pytest.raises(BadInput, match="at least 4"):
        representational_similarity(*[representations[:, :1, :3]] * 2)
    with pytest.raises(BadInput, match="first: must be a DataArray"):
        representational_similarity(representations.values, representations)
