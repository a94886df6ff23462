import torch

from pfc_metarl.agents import Percept
from pfc_metarl.agents.bandits import BanditTranslation
from pfc_metarl.models import RescorlaWagner

TRANSLATION, MODEL = BanditTranslation(), RescorlaWagner(unchosen="kept")


def perceived(action, reward):
    percept = Percept(torch.ones(1, 1, 1), torch.tensor([[action]]), torch.tensor([[reward]]))
    return TRANSLATION.perceive(None, percept, MODEL, MODEL.begin((1, 1), 3))[1]


def test_every_step_is_a_trial_but_the_first_follows_none():
    assert not perceived(-1, 0.0).finished.any()
    trial = perceived(2, 1.0)
    assert (trial.finished.item(), trial.choice.item(), trial.reward.item()) == (True, 2, 1)


def test_every_action_is_an_option():
    assert [TRANSLATION.n_options(n) for n in (2, 5)] == [2, 5]
