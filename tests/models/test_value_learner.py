import numpy as np
import pytest
import torch

from pfc_metarl.models import Experience, RescorlaWagner, ValueLearner


def after(model, choices, rewards, n_options=2):
    state = model.begin((1,), n_options, torch.float64)
    for choice, reward in zip(choices, rewards, strict=True):
        trial = Experience(torch.tensor([choice]), torch.tensor([reward], dtype=torch.float64), torch.tensor([True]))
        state = model.update(state, trial)
    return state


def test_with_one_rate_it_is_rescorla_wagner():
    choices, rewards = [0, 1, 1, 0], [1.0, 0.0, 1.0, 0.0]
    plain = RescorlaWagner(learning_rate=0.2, unchosen="kept", lapse=0.1)
    general = ValueLearner(positive_rate=0.2, negative_rate=0.2, lapse=0.1)
    found, expected = after(general, choices, rewards), after(plain, choices, rewards)
    torch.testing.assert_close(general.values(found), plain.values(expected))
    torch.testing.assert_close(general.logits(found).softmax(-1), plain.logits(expected).softmax(-1))


def test_gains_and_losses_have_their_own_rate_and_other_options_are_forgotten():
    model = ValueLearner(positive_rate=0.5, negative_rate=0.1, forgetting=0.25, initial_value=0.0)
    value = model.values(after(model, [0, 0, 2], [1.0, 0.0, 1.0], n_options=3))
    np.testing.assert_allclose(value, [[0.45 * 0.75, 0.0, 0.5]])  # 0.5, then 0.5 - 0.1 * 0.5, then a quarter less


@pytest.mark.parametrize(("rate", "habit"), [(1.0, [0.0, 1.0]), (0.5, [0.25, 0.5])])
def test_the_habit_is_an_average_over_the_last_choices(rate, habit):
    model = ValueLearner(perseveration=2.0, habit_rate=rate, inverse_temperature=0.0)
    np.testing.assert_allclose(model.logits(after(model, [0, 1], [0.0, 0.0])), [[2 * h for h in habit]])


def test_a_lapse_bounds_the_probability_of_a_choice():
    model = ValueLearner(lapse=0.3, inverse_temperature=1000.0, initial_value=0.0)
    p = model.logits(after(model, [0], [1.0], n_options=3)).softmax(-1)
    np.testing.assert_allclose(p, [[0.8, 0.1, 0.1]])
