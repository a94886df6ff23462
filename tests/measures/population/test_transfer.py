import numpy as np
import pytest
import xarray as xr
from scipy import stats

from pfc_metarl.measures import cross_temporal_decoding, transfer_decoding
from pfc_metarl.measures.activity import TRIAL_DIMS
from pfc_metarl.settings import BadInput
from tests.measures.population.test_cross_decoding import AXES, lived, pushed
from tests.measures.population.test_decoding import N_EPISODES, N_TRIALS, N_UNITS, drifting, slow


def other_world(axis, seed=1, n_episodes=15):
    rng = np.random.default_rng(seed)
    labels = slow(rng, n_episodes)
    return lived(pushed(rng, labels, axis)), labels


def test_the_same_code_is_read_in_another_recording():
    for axis, expected in ((AXES[0], stats.norm.cdf(1)), (-AXES[0], 1 - stats.norm.cdf(1)), (AXES[1], 0.5)):
        got = transfer_decoding(*other_world(AXES[0]), *other_world(axis, seed=2), kind="classes")
        assert got["score"].dims == ("subject", "metric")
        np.testing.assert_allclose(got["score"].sel(metric="accuracy"), expected, atol=0.1)
        assert ((got["p_value"] < 0.05) == (axis[0] > 0)).all()
        assert (got["n_trials"] == 15 * N_TRIALS).all()
    np.testing.assert_allclose(got["chance"], 0.5, atol=0.08)


def test_a_number_is_read_in_another_recording():
    rng = np.random.default_rng(5)
    numbers = [xr.DataArray(rng.normal(size=(1, N_EPISODES, N_TRIALS)), dims=TRIAL_DIMS) for _ in range(2)]
    pair = [lived(rng.normal(size=(*n.shape, N_UNITS)) + n.values[..., None] * AXES[2]) for n in numbers]
    got = transfer_decoding(pair[0], numbers[0], pair[1], numbers[1], kind="numbers")
    assert got["score"].sel(metric="r_squared").item() == pytest.approx(0.5, abs=0.1)  # as much noise as signal
    reverse = transfer_decoding(pair[0], numbers[0], pair[1], -numbers[1], kind="numbers")
    assert reverse["score"].sel(metric="correlation").item() < -0.6
    assert (reverse["p_value"] > 0.9).all()


def test_in_slow_noise_few_transfers_are_significant():
    rng, n = np.random.default_rng(6), 60
    made = [(lived(drifting(rng, 10, n)), slow(rng, 10, n)) for _ in range(2)]
    got = transfer_decoding(*made[0], *made[1], kind="classes", n_shuffles=19)
    p_values = got["p_value"].sel(metric="auc").values
    ranks = np.bincount(np.ceil(p_values * 5).astype(int), minlength=6)[1:]
    assert stats.chisquare(ranks).pvalue > 0.01
    assert stats.binomtest(int((p_values <= 0.05).sum()), n, 0.05).pvalue > 0.01


def test_a_class_that_never_occurs_gets_nan_and_a_reason():
    test, labels = other_world(AXES[0])
    other, other_labels = other_world(AXES[0], seed=2)
    never = other_labels.astype(float)
    never[0] = 1
    got = transfer_decoding(test, labels, other, never, kind="classes")
    assert got["reason"].values.tolist() == ["other_target: 0 never occurs", ""]
    assert got["score"].isel(subject=0).isnull().all()
    assert got["score"].isel(subject=1).notnull().all()
    third = labels.astype(float) * 2
    with pytest.raises(BadInput, match="target: 1 never occurs"):
        transfer_decoding(test, third, other, other_labels, kind="classes")


def test_a_signal_common_to_all_episodes_is_read_with_the_clock_of_others():
    labels = slow(np.random.default_rng(1), 15)
    early = labels.astype(int) * 0 + (np.arange(N_TRIALS) < N_TRIALS / 2)
    rng = np.random.default_rng(7)
    coded, ticking = (lived(pushed(rng, target, AXES[0])) for target in (early, early))
    late = lived(pushed(rng, 1 - early, AXES[0]))
    got = transfer_decoding(coded, early, late, 1 - early, kind="classes", n_shuffles=0)
    np.testing.assert_allclose(got["score"].sel(metric="accuracy"), stats.norm.cdf(1), atol=0.1)
    clock = transfer_decoding(coded, early, ticking, 1 - early, kind="classes", n_shuffles=0)
    np.testing.assert_allclose(clock["score"].sel(metric="accuracy"), 1 - stats.norm.cdf(1), atol=0.1)
    with pytest.raises(BadInput, match="shuffles change nothing"):
        transfer_decoding(coded, early, late, 1 - early, kind="classes", n_shuffles=1)
    with pytest.raises(BadInput, match="a clock decodes them"):
        transfer_decoding(coded, early, ticking, early, kind="classes", n_shuffles=0)


def test_recordings_that_do_not_go_together_are_refused():
    test, labels = other_world(AXES[0])
    other, other_labels = other_world(AXES[0], seed=2)
    constant, clock = labels * 0, labels * 0.0 + np.arange(N_TRIALS) % 2
    for pair, said in (
        ((test, labels, test, labels), "is the recording itself"),
        ((test, labels, other.assign_coords(network=[3, 4]), other_labels), "recording of other networks"),
        ((test, labels, other.isel(unit=slice(3)), other_labels), "6 units in one recording and 3 in the other"),
        ((test, labels, other, other_labels.isel(trial=slice(3))), "3 trials; the recording has 10"),
        ((test, constant, other, constant), "nothing to decode"),
        ((test, labels, other, clock), "other_target is the same in all episodes"),
    ):
        with pytest.raises(BadInput, match=said):
            transfer_decoding(*pair, kind="classes")
    with pytest.raises(BadInput, match="has no such phase"):
        cross_temporal_decoding(test, labels, kind="classes", phases=["outcome"])
    with pytest.raises(BadInput, match="n_folds = 1"):
        cross_temporal_decoding(test, labels, kind="classes", n_folds=1)
    with pytest.raises(BadInput, match="the same in all episodes"):
        cross_temporal_decoding(test, clock, kind="classes")
