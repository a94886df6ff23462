import pytest
import torch

from pfc_metarl.models import Experience, Hybrid
from pfc_metarl.models.two_step import transition_values
from pfc_metarl.settings import BadInput


def test_transition_values():
    # 0.7 * 1 + 0.3 * 2, 0.7 * 2 + 0.3 * 1
    torch.testing.assert_close(transition_values(torch.tensor([1.0, 2.0]), 0.7), torch.tensor([1.3, 1.7]))


def test_trials_without_a_second_stage_are_refused():
    model, one = Hybrid(), torch.ones(1)
    trial = Experience(choice=torch.tensor([0]), reward=one, finished=one > 0)
    with pytest.raises(BadInput, match="Hybrid learns from the second-stage state, and these trials have none"):
        model.update(model.begin((1,)), trial)
    model = Hybrid(second_stage_choice=True)
    with pytest.raises(BadInput, match="Hybrid learns from the second-stage choice"):
        model.update(model.begin((1,)), trial._replace(state=torch.tensor([1])))


def test_a_model_of_two_options_refuses_three():
    with pytest.raises(BadInput, match="Hybrid chooses between two options, not among 3"):
        Hybrid().begin((1,), n_options=3)


def test_the_value_before_the_reward_is_that_of_the_state_reached():
    model = Hybrid(second_stage_learning_rate=0.5, initial_value=0.0)
    trial = Experience(*(torch.tensor([x]) for x in (0, 1.0, True, 1)))
    state = model.update(model.begin((1,)), trial)
    assert model.prediction_error(state, trial).item() == 0.5  # 1 - 0.5 * 1
    assert model.prediction_error(state, trial._replace(state=torch.tensor([0]))).item() == 1
