import numpy as np

from pfc_metarl.measures.units.signals import jackknife, signals, without_each
from tests.handmade import recording


def test_the_jackknife_of_a_mean_is_its_standard_error():
    values = np.random.default_rng(0).normal(size=8)
    others = np.array([np.delete(values, i).mean() for i in range(8)])
    np.testing.assert_allclose(jackknife(others), values.std(ddof=1) / np.sqrt(8))


def test_each_episode_is_left_out_once():
    for n in (1, 3, 10, 37):
        rests = without_each(n)
        assert len(rests) == min(n, 10)
        left_out = [np.setdiff1d(np.arange(n), rest) for rest in rests]
        np.testing.assert_array_equal(np.concatenate(left_out), np.arange(n))


def test_the_mean_at_each_step_of_a_phase_is_subtracted():
    trial, phase = [[0, 0, 0, 1, 1], [0, 0, 1, 1, 1]], [[0, 0, 1, 0, 1], [0, 1, 0, 0, 1]]
    hidden = np.array([[1.0, 5, 10, 3, 20], [3, 30, 1, 7, 40]])
    made = recording(["choice", "outcome"], trial=trial, phase=phase, hidden=hidden[..., None])
    (signal,) = signals(made, "hidden", without_trial_mean=True)
    # first steps of a choice 1, 3, 3, 1; second ones 5, 7; outcomes 10, 20, 30, 40
    np.testing.assert_allclose(signal.activity[0], [[-1, -1, -15, 1, -5], [1, 5, -1, 1, 15]])
    (raw,) = signals(made, "hidden", without_trial_mean=False)
    np.testing.assert_allclose(raw.activity[0], hidden)
