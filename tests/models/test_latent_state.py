import pytest
import torch

from pfc_metarl.agents import agent_of
from pfc_metarl.models import LatentState
from pfc_metarl.tasks import TwoStep


def test_belief_after_one_reward_by_hand(teach):
    # Bayes: P(1 good | state 1 paid) = 0.9; a reversal may follow: 0.9 * 0.975 + 0.1 * 0.025 = 0.88
    # values of the states: 0.1 + 0.8 * 0.12, 0.1 + 0.8 * 0.88;  of the choices: 0.8 and 0.2 of them
    values, logits = teach(agent_of(LatentState(inverse_temperature=10.0), TwoStep), [(0, 1, 0, 1.0)])
    torch.testing.assert_close(values, torch.tensor([[0.3176, 0.6824]]))
    torch.testing.assert_close(logits, 10 * values)


def filtered(trials, good, bad, p_reversal, p_common):
    """The forward algorithm of a hidden Markov model with two states, in plain Python."""
    belief, found = [0.5, 0.5], []
    for _, state2, _, reward in trials:
        p_pay = [good if state2 == latent else bad for latent in (0, 1)]
        joint = [b * (p if reward else 1 - p) for b, p in zip(belief, p_pay, strict=True)]
        b0 = joint[0] / sum(joint)
        b0 = b0 * (1 - p_reversal) + (1 - b0) * p_reversal
        belief = [b0, 1 - b0]
        value = [b * good + (1 - b) * bad for b in belief]
        found.append([p_common * value[a] + (1 - p_common) * value[1 - a] for a in (0, 1)])
    return torch.tensor(found)


def test_beliefs_are_those_of_the_forward_algorithm(teach):
    trials = torch.randint(2, (40, 4), generator=torch.Generator().manual_seed(0)).tolist()
    model = LatentState(p_reward_good=0.8, p_reward_bad=0.3, p_reversal=0.1, p_common=0.7)
    torch.testing.assert_close(teach(agent_of(model, TwoStep), trials)[0], filtered(trials, 0.8, 0.3, 0.1, 0.7))


def test_it_reaches_the_optimum_of_the_reference_table(live, stays):
    found = stays(live(TwoStep(n_trials=100), agent_of(LatentState(), TwoStep), n_episodes=1000))
    assert found == pytest.approx({"reward": 0.707, "RC": 1.00, "RU": 0.67, "NC": 0.67, "NU": 1.00}, abs=0.02)


def test_its_uncertainty_is_calibrated(live):
    trajectory = live(TwoStep(n_trials=100), agent_of(LatentState(inverse_temperature=1.0), TwoStep), n_episodes=500)
    value, state = trajectory.readout()["action_value"][::2], trajectory.state()
    value_1 = (value[..., 1] - 0.2 * value.sum(-1)) / 0.6  # of state 1: the two choices are mixtures of two states
    belief = (value_1 - 0.1) / 0.8
    for low, high in ((0.05, 0.2), (0.3, 0.7), (0.8, 0.95)):
        here = (belief > low) & (belief < high)
        found, true = belief[here].mean(), (state["good_state"][::2][here] == 1).float().mean()
        assert abs(found - true) < 0.02
