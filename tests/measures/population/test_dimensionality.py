import numpy as np
import pytest

from pfc_metarl.measures import participation_ratio
from pfc_metarl.settings import BadInput
from tests.measures.planted import lived

SHAPE = (2, 40, 20, 1)


def ratio(activity, **options):
    return participation_ratio(lived(activity), **options)


def test_activity_in_a_plane_has_two_dimensions():
    rng = np.random.default_rng(0)
    axes = np.linalg.qr(rng.normal(size=(10, 2)))[0].T
    scores = rng.normal(size=(*SHAPE, 2))
    np.testing.assert_allclose(ratio(scores @ axes + 5)["participation_ratio"], 2, rtol=0.02)
    np.testing.assert_allclose(ratio(scores[..., :1] @ axes[:1] + 5)["participation_ratio"], 1, rtol=1e-5)
    # Variances 9 and 1: (9 + 1)² / (81 + 1).
    np.testing.assert_allclose(ratio(scores * [3, 1] @ axes)["participation_ratio"], 100 / 82, rtol=0.03)


def test_independent_units_fill_their_space_as_far_as_the_trials_tell():
    got = ratio(np.random.default_rng(1).normal(size=(*SHAPE, 50)))
    np.testing.assert_allclose(got["participation_ratio"], 50 / (1 + 50 / 800), rtol=0.03)
    assert got["n_trials"].values.tolist() == [800] * 2


def test_silent_units_do_not_count_and_silent_networks_have_none():
    activity = np.random.default_rng(2).normal(size=(*SHAPE, 4)) * [1, 1, 0, 0] + 7
    activity[1] = 7
    got = ratio(activity)
    np.testing.assert_allclose(got["participation_ratio"], [2, np.nan], rtol=0.02)
    assert got["n_active_units"].values.tolist() == [2, 0]


def test_a_recording_without_activity_is_refused():
    with pytest.raises(BadInput, match="no such phase"):
        ratio(np.zeros((*SHAPE, 2)), phase="nap")
    with pytest.raises(BadInput, match="not finite"):
        ratio(np.full((*SHAPE, 2), np.nan))
