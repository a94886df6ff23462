import pytest
import torch

from pfc_metarl.agents import Percept
from pfc_metarl.agents.inferred_value import InferredValueTranslation
from pfc_metarl.models import RescorlaWagner

TRANSLATION, MODEL = InferredValueTranslation(), RescorlaWagner(unchosen="kept")
RIGHT, DARK = [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]


def perceived(observation, action, cue_side):
    percept = Percept(torch.tensor([[observation]]), torch.tensor([[action]]), torch.ones(1, 1))
    trial = TRANSLATION.begin((1, 1))._replace(cue_side=torch.tensor([[cue_side]]))
    return TRANSLATION.perceive(trial, percept, MODEL, MODEL.begin((1, 1)))


@pytest.mark.parametrize(("saccade", "choice"), [(1, 1), (0, -1), (2, -1)])
def test_a_saccade_to_the_target_is_a_choice_and_any_other_loses_the_trial(saccade, choice):
    trial, experience = perceived(DARK, saccade, cue_side=1)
    assert (experience.finished.item(), experience.choice.item()) == (True, choice)
    assert trial.cue_side.item() == -1


def test_while_a_target_is_shown_its_side_is_remembered_and_nothing_ends():
    trial, experience = perceived(RIGHT, 2, cue_side=-1)
    assert trial.cue_side.item() == 1
    assert not experience.finished.any()
