import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from pfc_metarl.measures.population.readout import (
    Reader,
    check_folds,
    checked_target,
    classes_of,
    compared,
    predicted,
    problem,
    read_out,
    scored,
)
from pfc_metarl.settings import BadInput
from tests.measures.planted import lived

EPISODES, TRIALS, UNITS = 20, 10, 5


@pytest.fixture
def planted():
    """Activity [episode, trial, unit] that carries two classes, and the classes [episode, trial]."""
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, (EPISODES, TRIALS)).astype(float)
    return truth[..., None] * np.arange(UNITS) + 0.3 * rng.normal(size=(EPISODES, TRIALS, UNITS)), truth


def test_classes_are_the_known_labels_and_numbers_have_none():
    truth = np.array([[2.0, np.nan], [0.0, 2.0]])
    np.testing.assert_array_equal(classes_of(truth, "classes"), [0, 2])
    assert classes_of(truth, "numbers").size == 0


def test_scores_are_those_of_the_textbook():
    true, labels = np.array([0.0, 0, 1, 1, 1]), np.array([0.0, 1])
    of_one = np.array([0.1, 0.6, 0.4, 0.7, 0.9])
    got = scored(true, (of_one > 0.5).astype(float), np.stack([1 - of_one, of_one], -1), labels)
    np.testing.assert_allclose(got, [3 / 5, 5 / 6])  # five of the six pairs are in the right order
    np.testing.assert_allclose(got[1], roc_auc_score(true, of_one))
    said = np.array([1.0, 2, 3, 5])
    r_squared, correlation = scored(np.array([1.0, 2, 3, 4]), said, np.empty((4, 0)), np.empty(0))
    np.testing.assert_allclose([r_squared, correlation], [1 - 1 / 5, np.corrcoef([1, 2, 3, 4], said)[0, 1]])
    assert np.isnan(scored(np.array([0.0, 0]), np.zeros(2), np.ones((2, 2)) / 2, labels)).all()  # one label is missing
    assert scored(np.array([0.0, 1]), np.ones(2), np.empty((2, 0)), np.empty(0))[1] == 0  # always the same is said


def test_planted_classes_are_read_out_of_episodes_that_were_not_seen(planted):
    activity, truth = planted
    reading, no_activity = Reader([activity, np.full_like(activity, np.nan)], np.array([0.0, 1]), 5, 1.0, 0).read(truth)
    assert reading.score[0] > 0.97
    assert reading.n_trials == EPISODES * TRIALS
    np.testing.assert_allclose(reading.probability.sum(-1), 1)
    assert np.isnan(no_activity.score).all()
    assert no_activity.n_trials == 0
    assert np.isnan(no_activity.prediction).all()


def test_shuffles_of_whole_episodes_are_at_chance(planted):
    activity, truth = planted
    reader = Reader([activity], np.array([0.0, 1]), 5, 1.0, 0)
    (reading,), shuffled = reader.with_shuffles(truth, np.random.default_rng(0), 20)
    assert shuffled.shape == (1, 2, 20)
    chance, p_value = compared(np.array([reading.score]), shuffled)
    np.testing.assert_allclose(chance, 0.5, atol=0.06)
    np.testing.assert_allclose(p_value, 1 / 21)


def test_the_p_value_counts_the_data_among_the_draws():
    chance, p_value = compared(np.array([0.6, np.nan]), np.array([[0.5, 0.6, 0.7, 0.4], [0.1, 0.2, 0.3, 0.4]]))
    np.testing.assert_allclose(chance, [0.55, 0.25])
    np.testing.assert_allclose(p_value, [3 / 5, np.nan])
    assert np.isnan(compared(np.array([0.6]), np.empty((1, 0)))[0]).all()


def test_a_ridge_weighs_as_its_penalty_says():
    activity, truth = np.array([[-1.0], [1.0], [-1.0], [1.0]]), np.array([-2.0, 2.0, -2.0, 2.0])
    prediction, probability = predicted(read_out(np.empty(0), 4.0).fit(activity, truth), activity, np.empty(0))
    np.testing.assert_allclose(prediction, truth * 4 / (4 + 4))  # xᵀx / (xᵀx + penalty)
    assert probability.shape == (4, 0)


def test_why_a_target_cannot_be_decoded_is_said(planted):
    activity, truth = planted
    labels = np.array([0.0, 1])
    assert problem(activity, truth, labels, 5) == ""
    assert "all its known values are the same" in problem(activity, truth * 0, labels, 5)
    assert "the same in all episodes" in problem(activity, np.tile(truth[0], (EPISODES, 1)), labels, 5)
    rare = np.zeros_like(truth)
    rare[:4, 0] = 1
    assert problem(activity, rare, labels, 5) == "target = 1 occurs in 4 episodes; 5 folds want more than 4"


def test_wrong_options_are_refused(planted):
    activity, truth = planted
    made = lived(activity[None, :, :, None])
    target = made["action"].isel(step=slice(None, None, made.sizes["step"] // TRIALS)).rename(step="trial") * 0 + truth
    for options, said in (
        (("colours", "hidden", 0, 1.0), "kind = 'colours'"),
        (("classes", "hidden", -1, 1.0), "n_shuffles = -1"),
        (("classes", "hidden", 0, 0.0), "penalty = 0"),
        (("classes", "nothing", 0, 1.0), "nothing"),
    ):
        with pytest.raises(BadInput, match=said):
            checked_target(made, target, *options)
    check_folds(made, 2)
    with pytest.raises(BadInput, match=f"n_folds = 21: must be from 2 to {EPISODES}"):
        check_folds(made, 21)
