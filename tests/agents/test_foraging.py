import pytest
import torch

from pfc_metarl.agents import Percept
from pfc_metarl.agents.foraging import ForagingTranslation
from pfc_metarl.models import LocalMatching

LEFT, CENTRE = 0, 2
TRANSLATION, MODEL = ForagingTranslation(), LocalMatching()


def perceived(action, reward, targets_before, targets_now=False):
    shown = torch.tensor([[[float(not targets_now), float(targets_now)]]])
    percept = Percept(shown, torch.tensor([[action]]), torch.tensor([[reward]]))
    trial = TRANSLATION.begin((1, 1))._replace(at_targets=torch.tensor([[targets_before]]))
    return (*TRANSLATION.perceive(trial, percept, MODEL, MODEL.begin((1, 1))), percept)


@pytest.mark.parametrize(("action", "choice"), [(LEFT, 0), (CENTRE, -1)])
def test_a_response_to_the_targets_ends_a_trial_and_centre_loses_it(action, choice):
    _, trial, _ = perceived(action, 1.0, targets_before=True)
    assert (trial.finished.item(), trial.choice.item()) == (True, choice)


def test_fixation_is_no_trial():
    assert not perceived(CENTRE, 0.0, targets_before=False)[1].finished.any()


@pytest.mark.parametrize(("targets", "best"), [(False, [CENTRE]), (True, [0, 1])])
def test_centre_answers_the_fixation_point_and_nothing_else(targets, best):
    trial, _, percept = perceived(CENTRE, 0.0, targets_before=False, targets_now=targets)
    logits, recorded = TRANSLATION.prefer(trial, percept, MODEL, MODEL.begin((1, 1)), 3)
    policy = logits.softmax(-1)[0, 0]
    assert policy[best].sum() == 1
    assert recorded["action_value"][0, 0, CENTRE] == 0
