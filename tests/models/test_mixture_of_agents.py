import numpy as np
import pytest
import torch

from pfc_metarl.models import Experience, MixtureOfAgents

NONE = {"model_based_weight": 0.0, "model_free_weight": 0.0, "perseveration": 0.0}


def preference(model, choice, state, reward):
    """Logit of choice 0 over choice 1 after one trial."""
    trial = Experience(
        torch.tensor([choice]), torch.tensor([float(reward)]), torch.tensor([True]), state=torch.tensor([state])
    )
    logits = model.logits(model.update(model.begin((1,)), trial))[0]
    return (logits[0] - logits[1]).item()


@pytest.mark.parametrize(
    ("agent", "common_rewarded", "rare_rewarded", "common_unrewarded"),
    [
        ({"model_based_weight": 2.0}, 1, -1, -1),
        ({"model_free_weight": 2.0}, 1, 1, -1),
        ({"perseveration": 2.0}, 1, 1, 1),
        ({"transition_weight": 2.0}, 1, -1, 1),
        ({"bias": 2.0}, 1, 1, 1),
    ],
)
def test_each_agent_votes_as_its_strategy_says(agent, common_rewarded, rare_rewarded, common_unrewarded):
    model = MixtureOfAgents(**{**NONE, **agent})
    found = [np.sign(preference(model, 0, *trial)) for trial in ((0, 1), (1, 1), (0, 0))]
    assert found == [common_rewarded, rare_rewarded, common_unrewarded]


def test_weights_are_in_logits_and_add_up():
    model = MixtureOfAgents(
        learning_rate=0.5, model_based_weight=2.0, model_free_weight=1.0, perseveration=0.4, bias=0.1
    )
    # V = (.75, .5); planned difference .6 * .25; Q = (.75, .5); the last choice is 0
    np.testing.assert_allclose(preference(model, 0, 0, 1), 2 * 0.6 * 0.25 + 0.25 + 0.4 + 0.1, rtol=1e-6)
