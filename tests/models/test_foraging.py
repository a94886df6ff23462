import pytest
import torch

from pfc_metarl.agents import Percept, agent_of
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_FORAGING
from pfc_metarl.models import BaitObserver, LocalMatching
from pfc_metarl.tasks import Foraging

LEFT, RIGHT, CENTRE = 0, 1, 2


def led(agent, *trials):
    """Show an agent trials (choice, reward); its action values and policy at the next choice."""
    memory, before = agent.begin((1, 1)), (-1, 0.0)
    for choice, reward in [*trials, (CENTRE, 0.0)]:
        for observation, action, paid in (((1.0, 0.0), CENTRE, 0.0), ((0.0, 1.0), choice, reward)):
            percept = Percept(torch.tensor([[observation]]), torch.tensor([[before[0]]]), torch.tensor([[before[1]]]))
            did, readout, memory = agent.act(percept, memory, torch.zeros(1, 1, 3))
            before = (action, paid)
            if observation[0]:
                assert did.item() == CENTRE
    return readout.action_value[0, 0, :2], readout.logits[0, 0].softmax(-1)


def earned(live, agent):
    trajectory = live(Foraging(p_left=((0.0, 0.5),)), agent, n_episodes=300)
    assert (trajectory.reward() >= 0).all()  # no invalid response
    return trajectory.reward().sum(0).mean().item() / 100


def test_what_they_earn(live):
    """Science sheet 3.1: at random 0.376, in turn 0.416, with known probabilities 0.45."""
    reward = {name: earned(live, agent) for name, agent in REFERENCE_AGENTS_FORAGING.items()}
    assert reward["random"] == pytest.approx(0.376, abs=0.009)
    assert reward["alternation"] == pytest.approx(0.416, abs=0.009)
    assert 0.433 < reward["observer"] < 0.453
    assert reward["random"] + 0.02 < reward["local_matching"] < reward["observer"] - 0.02


def test_the_expectation_of_the_observer_follows_bayes_rule():
    values, policy = led(agent_of(BaitObserver(n_values=2, p_sum=0.4), Foraging), (LEFT, 1.0))
    likelihoods = torch.tensor([0.1, 0.3])  # p0(left) is 0.1 or 0.3; left was taken at once, and paid
    belief = likelihoods / likelihoods.sum()
    left = (belief * torch.tensor([0.1, 0.3])).sum()
    right = (belief * (1 - (1 - torch.tensor([0.3, 0.1])) ** 2)).sum()
    torch.testing.assert_close(values, torch.stack([left, right]))
    assert policy.argmax() == (LEFT if left > right else RIGHT)


def test_the_observer_remembers_how_long_a_target_waited():
    agent = agent_of(BaitObserver(n_values=2, p_sum=0.4), Foraging)
    p0 = torch.tensor([[0.1, 0.3], [0.3, 0.1]])  # of [value, target]
    likelihood = (1 - p0[:, 0]) * (1 - p0[:, 0]) * (1 - (1 - p0[:, 1]) ** 3)  # left in vain twice, then right paid
    belief = likelihood / likelihood.sum()
    expected = [(belief * (1 - (1 - p0[:, 0]) ** 2)).sum(), (belief * p0[:, 1]).sum()]
    values, _ = led(agent, (LEFT, 0.0), (LEFT, 0.0), (RIGHT, 1.0))
    torch.testing.assert_close(values, torch.stack(expected))


def test_a_lost_trial_informs_about_elapsed_time_only():
    agent = agent_of(BaitObserver(n_values=2, p_sum=0.4), Foraging)
    p0 = torch.tensor([[0.1, 0.3], [0.3, 0.1]])
    values, _ = led(agent, (CENTRE, -1.0))
    torch.testing.assert_close(values, (1 - (1 - p0) ** 2).mean(0))


def test_local_matching_chooses_by_recent_income():
    agent = agent_of(LocalMatching(time_constant=10.0, initial_income=0.2, lapse=0.1), Foraging)
    kept = torch.exp(torch.tensor(-0.1)).item()
    values, policy = led(agent, (LEFT, 1.0), (RIGHT, 0.0))
    left, right = kept * (kept * 0.2 + 1 - kept), kept**2 * 0.2
    torch.testing.assert_close(values, torch.tensor([left, right]))
    torch.testing.assert_close(policy[LEFT], torch.tensor(0.9 * left / (left + right) + 0.05))
    assert policy[CENTRE] == 0


def test_alternation_takes_the_other_target():
    for last, due in ((LEFT, RIGHT), (RIGHT, LEFT)):
        _, policy = led(REFERENCE_AGENTS_FORAGING["alternation"], (due, 1.0), (last, 1.0))
        assert policy[due] == 1
    _, policy = led(REFERENCE_AGENTS_FORAGING["alternation"])
    assert policy[:2].tolist() == [0.5, 0.5]
    _, policy = led(REFERENCE_AGENTS_FORAGING["random"], (LEFT, 1.0))
    assert policy[:2].tolist() == [0.5, 0.5]
