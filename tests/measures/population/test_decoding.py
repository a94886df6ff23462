import numpy as np
import pytest
import xarray as xr
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from pfc_metarl.measures.activity import TRIAL_DIMS
from pfc_metarl.measures.population.decoding import population_decoding
from pfc_metarl.settings import BadInput
from tests.handmade import recording

N_NETWORKS, N_EPISODES, N_TRIALS, N_UNITS = 2, 40, 10, 6


def made(hidden, **variables):
    """A recording with two steps a trial; in the second the activity is another."""
    trial = np.repeat(np.broadcast_to(np.arange(hidden.shape[2]), hidden.shape[:3]), 2, axis=2)
    phase = trial * 0 + np.tile([0, 1], hidden.shape[2])
    steps = np.repeat(hidden, 2, axis=2)
    steps[:, :, 1::2] = 7.0
    return recording(["choice", "outcome"], trial=trial, phase=phase, hidden=steps, **variables)


def slow(rng, n_episodes=N_EPISODES, n_networks=N_NETWORKS):
    """Labels that change once in each episode, at different trials."""
    change = rng.integers(1, N_TRIALS, (n_networks, n_episodes, 1))
    late = np.arange(N_TRIALS) >= change
    return xr.DataArray(late ^ (rng.random((n_networks, n_episodes, 1)) < 0.5), dims=TRIAL_DIMS)


def drifting(rng, n_episodes=N_EPISODES, n_networks=N_NETWORKS):
    """Activity that walks, so that trials of an episode are alike."""
    return rng.normal(size=(n_networks, n_episodes, N_TRIALS, N_UNITS)).cumsum(2)


@pytest.fixture(scope="module")
def planted():
    """Labels that push activity along one axis, as far as its noise is wide; the second network has none of it."""
    rng = np.random.default_rng(0)
    labels = slow(rng)
    axis = np.ones(N_UNITS) / np.sqrt(N_UNITS)
    push = (2 * labels.values - 1)[..., None] * axis * np.array([1.0, 0.0])[:, None, None, None]
    return made(push + rng.normal(size=(*labels.shape, N_UNITS))), labels


def test_planted_labels_are_decoded_as_well_as_can_be(planted):
    got = population_decoding(*planted, kind="classes")
    assert got["score"].dims == ("subject", "metric")
    best = stats.norm.cdf(1), stats.norm.cdf(np.sqrt(2))  # two Gaussians two standard deviations apart
    np.testing.assert_allclose(got["score"].sel(subject=0), best, atol=0.05)
    np.testing.assert_allclose(got["chance"], 0.5, atol=0.08)
    assert (got["p_value"].sel(subject=0) == 1 / 21).all()
    assert (got["p_value"].sel(subject=1) > 0.05).all()
    assert abs(got["score"].sel(subject=1, metric="auc") - 0.5) < 0.12


def test_predictions_are_those_of_a_read_out_of_other_episodes(planted):
    test, labels = planted
    got = population_decoding(test, labels, kind="classes", n_folds=N_EPISODES, n_shuffles=0)
    hidden, truth = test["hidden"].values[0, :, ::2].astype(float), labels.values[0]
    others, own = np.arange(N_EPISODES) != 3, hidden[3]
    seen = hidden[others].reshape(-1, N_UNITS)
    by_hand = LogisticRegression().fit((seen - seen.mean(0)) / seen.std(0), truth[others].ravel())
    p = by_hand.predict_proba((own - seen.mean(0)) / seen.std(0))[:, 1]
    np.testing.assert_allclose(got["probability"].sel(subject=0, label=1, episode=3), p, atol=1e-3)
    assert got["prediction"].sel(subject=0, episode=3).values.tolist() == (p > 0.5).tolist()
    assert got["prediction"]["trial"].values.tolist() == list(range(truth.shape[1]))
    agree = (got["prediction"].sel(subject=0) == truth).mean()
    assert got["score"].sel(subject=0, metric="accuracy").item() == pytest.approx(agree.item())
    auc = roc_auc_score(truth.ravel(), got["probability"].sel(subject=0, label=1).values.ravel())
    assert got["score"].sel(subject=0, metric="auc").item() == pytest.approx(auc)
    assert got["p_value"].isnull().sum() + got["chance"].notnull().sum() == 0


def test_a_planted_number_is_decoded_and_its_sign_too():
    rng = np.random.default_rng(1)
    number = xr.DataArray(rng.normal(size=(1, N_EPISODES, N_TRIALS)), dims=TRIAL_DIMS)
    hidden = rng.normal(size=(1, N_EPISODES, N_TRIALS, N_UNITS))
    hidden[..., 2] += number.values
    got = population_decoding(made(hidden), number, kind="numbers")
    assert got["score"].sel(metric="r_squared").item() == pytest.approx(0.5, abs=0.1)  # as much noise as signal
    assert got["score"].sel(metric="correlation").item() == pytest.approx(0.5**0.5, abs=0.1)
    assert (got["p_value"] < 0.05).all()
    assert "probability" not in got
    flipped = population_decoding(made(hidden), -number, kind="numbers")
    np.testing.assert_allclose(flipped["prediction"], -got["prediction"], atol=1e-6)


def test_three_labels_are_decoded():
    rng = np.random.default_rng(2)
    labels = xr.DataArray(rng.integers(3, size=(1, N_EPISODES, N_TRIALS)) * 2, dims=TRIAL_DIMS)
    hidden = rng.normal(size=(1, N_EPISODES, N_TRIALS, N_UNITS))
    hidden[..., :3] += 3 * np.eye(3)[labels.values // 2]
    got = population_decoding(made(hidden), labels, kind="classes")
    assert got["label"].values.tolist() == [0, 2, 4]
    assert (got["score"] > 0.9).all()
    assert got["chance"].sel(metric="accuracy").item() == pytest.approx(1 / 3, abs=0.05)
    np.testing.assert_allclose(got["probability"].sum("label"), 1)


def test_in_slow_noise_few_networks_are_significant():
    rng, n = np.random.default_rng(3), 25
    noise, labels = drifting(rng, 12, n), slow(rng, 12, n)
    got = population_decoding(made(noise), labels, kind="classes", n_folds=2, n_shuffles=9)
    p_values = got["p_value"].sel(metric="auc").values
    ranks = stats.chisquare(np.bincount(np.ceil(p_values * 5).astype(int), minlength=6)[1:])  # 5 bins, each as likely
    assert ranks.pvalue > 0.01
    assert abs((got["score"] - got["chance"]).sel(metric="auc").mean()) < 0.05


def test_in_slow_noise_few_networks_are_significant_of_numbers_too():
    rng, n = np.random.default_rng(9), 40
    numbers = xr.DataArray(rng.normal(size=(n, 12, N_TRIALS)).cumsum(2), dims=TRIAL_DIMS)
    got = population_decoding(made(drifting(rng, 12, n)), numbers, kind="numbers", n_folds=2, n_shuffles=9)
    ranks = np.bincount(np.ceil(got["p_value"].sel(metric="correlation").values * 5).astype(int), minlength=6)[1:]
    assert stats.chisquare(ranks).pvalue > 0.01


def test_trials_with_an_unknown_target_are_predicted_but_do_not_count(planted):
    test, labels = planted
    few = labels.where(np.arange(N_TRIALS) % 2 == 0)
    got = population_decoding(test, few, kind="classes", n_shuffles=0)
    assert got["n_trials"].values.tolist() == [N_EPISODES * N_TRIALS / 2] * 2
    assert got["prediction"].notnull().all()
    right = (got["prediction"] == labels.rename(network="subject")).sel(subject=0).mean()
    assert right.item() == pytest.approx(stats.norm.cdf(1), abs=0.06)


def test_the_phase_chooses_the_activity(planted):
    test, labels = planted
    assert population_decoding(test, labels, kind="classes", n_shuffles=2).identical(
        population_decoding(test, labels, kind="classes", phase="choice", n_shuffles=2)
    )
    nothing = population_decoding(test, labels, kind="classes", phase="outcome", n_shuffles=2)
    assert (nothing["score"].sel(metric="auc") < 0.6).all()


def test_a_class_that_never_occurs_in_a_network_leaves_the_others(planted):
    test, labels = planted
    never = labels.astype(float)
    never[1] = 1
    got = population_decoding(test, never, kind="classes", n_shuffles=2)
    assert got["valid"].values.tolist() == [True, False]
    assert got["reason"].values[1].startswith("target: all its known values are the same in a network")
    for name in ("score", "chance", "p_value", "shuffled", "prediction", "probability"):
        assert got[name].isel(subject=1).isnull().all()
    whole = population_decoding(test, labels, kind="classes", n_shuffles=2)
    xr.testing.assert_allclose(got["score"].isel(subject=0), whole["score"].isel(subject=0))


REFUSED = [
    ({"kind": "labels"}, "kind = 'labels': must be one of classes, numbers"),
    ({"n_folds": 1}, "n_folds = 1: must be from 2 to 40"),
    ({"n_shuffles": -1}, "n_shuffles = -1"),
    ({"penalty": 0.0}, "penalty = 0"),
    ({"variable": "cell"}, "variable = 'cell'"),
    ({"variable": "reward"}, "variable = 'reward': its dims"),
    ({"phase": "fixation"}, "has no such phase"),
]


@pytest.mark.parametrize(("options", "said"), REFUSED, ids=lambda p: str(p)[:30])
def test_an_option_that_makes_no_sense_is_refused(planted, options, said):
    with pytest.raises(BadInput, match=said):
        population_decoding(*planted, **{"kind": "classes", **options})


def test_a_target_that_does_not_fit_is_refused(planted):
    test, labels = planted
    number = labels.astype(float)
    clock = number * 0 + np.arange(N_TRIALS)
    rare = xr.where((np.arange(N_EPISODES) < 3)[:, None] & labels.astype(bool), 2.0, number).transpose(*TRIAL_DIMS)
    for target, said in (
        (labels.values, "must be a DataArray"),
        (labels.isel(network=[0]), "1 along network; the recording has 2"),
        (labels.isel(trial=slice(5)), "5 trials; the recording has 10"),
        (number.where(labels, np.inf), "finite numbers"),
        (number * 0, "nothing to decode"),
        (clock, "the same in all episodes"),
        (rare, r"target = 2 occurs in \d episodes; 5 folds want more than 8"),
    ):
        with pytest.raises(BadInput, match=said):
            population_decoding(test, target, kind="classes")
    with pytest.raises(BadInput, match="Expected a recording, not dict"):
        population_decoding({}, labels, kind="classes")
