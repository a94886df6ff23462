import numpy as np
import torch

from pfc_metarl.models import Experience, KalmanFilter

REWARDS = [1.0, 0.0, 1.0, 1.0]


def after(model, rewards, n_options=2):
    state = model.begin((1,), n_options, torch.float64)
    for reward in rewards:
        trial = Experience(torch.tensor([0]), torch.tensor([reward], dtype=torch.float64), torch.tensor([True]))
        state = model.update(state, trial)
    return state


def test_without_drift_it_is_the_posterior_of_a_normal_mean():
    model = KalmanFilter(drift_sd=0.0, noise_sd=0.5, center=0.2, initial_sd=0.8)
    state = after(model, REWARDS)
    precision = 1 / 0.8**2 + len(REWARDS) / 0.5**2
    np.testing.assert_allclose(state.variance[0, 0], 1 / precision)
    np.testing.assert_allclose(state.mean[0, 0], (0.2 / 0.8**2 + sum(REWARDS) / 0.5**2) / precision)


def test_an_option_not_chosen_drifts_to_its_stationary_spread():
    model = KalmanFilter(drift_sd=0.3, decay=0.8, center=0.5, initial_sd=1.0)
    state = after(model, [1.0] * 200)
    np.testing.assert_allclose(state.variance[0, 1], 0.3**2 / (1 - 0.8**2))
    np.testing.assert_allclose(state.mean[0, 1], 0.5)


def test_the_bonus_prefers_what_is_less_known():
    without, bonus = (KalmanFilter(uncertainty_bonus=phi, inverse_temperature=1.0) for phi in (0.0, 3.0))
    state = after(without, [0.5] * 5, n_options=3)
    assert without.logits(state)[0, 0] == without.logits(state)[0, 1]
    difference = bonus.logits(state)[0, 1] - bonus.logits(state)[0, 0]
    expected = 3 * (state.variance[0, 1].sqrt() - state.variance[0, 0].sqrt())
    torch.testing.assert_close(difference, expected)
    assert difference > 0
