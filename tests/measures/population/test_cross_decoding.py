import numpy as np
import pytest
import xarray as xr
from scipy import stats

from pfc_metarl.measures import cross_temporal_decoding, population_decoding
from tests.handmade import recording
from tests.measures.population.test_decoding import N_UNITS, drifting, slow

PHASES = ["cue", "choice", "outcome"]


def lived(*at_phases):
    """A recording with a step for each phase; activities are [network, episode, trial, unit]."""
    hidden = np.stack(at_phases, axis=3)
    n_networks, n_episodes, n_trials, n_phases, n_units = hidden.shape
    trial = np.broadcast_to(np.repeat(np.arange(n_trials), n_phases), (n_networks, n_episodes, n_trials * n_phases))
    phase = np.broadcast_to(np.tile(np.arange(n_phases), n_trials), trial.shape)
    steps = hidden.reshape(n_networks, n_episodes, n_trials * n_phases, n_units)
    return recording(PHASES[:n_phases], trial=trial, phase=phase, hidden=steps)


def pushed(rng, labels, axis):
    """Activity that a label pushes along an axis, as far as its noise is wide."""
    sign = 2 * labels.values[..., None].astype(float) - 1
    return sign * np.asarray(axis) + rng.normal(size=(*labels.shape, N_UNITS))


AXES = np.eye(N_UNITS)


@pytest.fixture(scope="module")
def planted():
    """Labels carried by an axis at cue and choice, by its reverse at the outcome; the second network is noise."""
    rng = np.random.default_rng(0)
    labels = slow(rng)
    of_phases = []
    for axis in (AXES[0], AXES[0], -AXES[0]):
        activity = pushed(rng, labels, axis)
        activity[1] = rng.normal(size=activity[1].shape)
        of_phases.append(activity)
    return lived(*of_phases), labels


def test_a_lasting_code_generalises_and_a_reversed_one_is_read_the_wrong_way(planted):
    got = cross_temporal_decoding(*planted, kind="classes", n_shuffles=9)
    assert got["score"].dims == ("subject", "train_phase", "test_phase", "metric")
    accuracy = got["score"].sel(metric="accuracy", subject=0)
    right = stats.norm.cdf(1)  # two Gaussians, two standard deviations apart
    expected = [[right, right, 1 - right], [right, right, 1 - right], [1 - right, 1 - right, right]]
    np.testing.assert_allclose(accuracy, expected, atol=0.06)
    assert got["train_phase"].values.tolist() == PHASES
    assert (got["p_value"].sel(subject=0, train_phase="cue", test_phase=["cue", "choice"]) == 0.1).all()
    assert (got["p_value"].sel(subject=0, train_phase="cue", test_phase="outcome") == 1).all()
    assert abs(got["score"].sel(subject=1, metric="auc") - 0.5).max() < 0.15
    assert got["valid"].all()


def test_rows_are_where_the_read_out_was_made(planted):
    test, labels = planted
    quiet = test.assign(hidden=test["hidden"].where(test["phase"] != 1, 0.0))  # nothing at the choice, ever the same
    quiet["hidden"] = quiet["hidden"].where(test["phase"] != 1, AXES[1])
    got = cross_temporal_decoding(quiet, labels, kind="classes", phases=["cue", "choice"], n_shuffles=0)
    accuracy = got["score"].sel(metric="accuracy", subject=0)
    assert accuracy.sel(train_phase="cue", test_phase="cue") > 0.75
    assert accuracy.sel(train_phase="choice", test_phase="cue") < 0.65
    assert got["p_value"].shape == (2, 2, 2, 2)


def test_the_diagonal_is_population_decoding(planted):
    got = cross_temporal_decoding(*planted, kind="classes", n_shuffles=3, seed=4)
    for phase in PHASES:
        alone = population_decoding(*planted, kind="classes", phase=phase, n_shuffles=3, seed=4)
        own = got.sel(train_phase=phase, test_phase=phase, drop=True)
        for name in ("score", "chance", "p_value", "shuffled", "n_trials"):
            xr.testing.assert_allclose(own[name], alone[name])


def test_in_slow_noise_few_are_significant_at_any_pair_of_phases():
    rng, n = np.random.default_rng(3), 20
    noise = drifting(rng, 12, n)  # the same walk at both phases, and a little more
    got = cross_temporal_decoding(
        lived(noise, noise + rng.normal(size=noise.shape)), slow(rng, 12, n), kind="classes", n_folds=2, n_shuffles=9
    )
    p_values = got["p_value"].sel(metric="auc", train_phase="cue")
    for phase in ("cue", "choice"):
        ranks = np.bincount(np.ceil(p_values.sel(test_phase=phase).values * 5).astype(int), minlength=6)[1:]
        assert stats.chisquare(ranks).pvalue > 0.01  # 5 bins, each as likely


def test_a_phase_that_no_trial_of_a_label_reaches_gets_a_reason(planted):
    test, labels = planted
    skipped = test.copy()  # the outcome is a second cue, where the label is 1
    skip = (test["phase"] == 2) & np.repeat(labels.values, 3, axis=2)
    skipped["phase"] = test["phase"].where(~skip, 0).astype("int8").assign_attrs(test["phase"].attrs)
    got = cross_temporal_decoding(skipped, labels, kind="classes", n_shuffles=1)
    at = {"train_phase": "cue", "test_phase": "outcome", "subject": 0}
    assert got["reason"].sel(at).item() == "target: a label does not occur in the trials of this phase"
    assert got["score"].sel(at).isnull().all()
    assert got["p_value"].sel(at).isnull().all()
    assert not got["valid"].sel(train_phase="outcome").any()
    assert got["valid"].sel(train_phase=["cue", "choice"], test_phase=["cue", "choice"]).all()
