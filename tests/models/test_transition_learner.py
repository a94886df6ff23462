import pytest
import torch

from pfc_metarl.agents import agent_of
from pfc_metarl.models import TransitionLearner
from pfc_metarl.tasks import TwoStepReversing

TRIALS = [(0, 1, 0, 1.0), (0, 1, 0, 0.0)]
"""Choice, state reached, second action, reward: twice left to state 1, paid the first time."""


@pytest.mark.parametrize(
    ("other_choice", "expected"),
    # V(1) = 0.5, then 0.25; left to 1: 0.6, then 0.68; right: 0.4, then 0.32 if mirrored, or still 0.5
    [("mirrored", [[0.30, 0.20], [0.17, 0.08]]), ("kept", [[0.30, 0.25], [0.17, 0.125]])],
)
def test_values_and_transitions_by_hand(teach, other_choice, expected):
    model = TransitionLearner(initial_value=0.0, transition_learning_rate=0.2, other_choice=other_choice)
    values, logits = teach(agent_of(model, TwoStepReversing), TRIALS)
    torch.testing.assert_close(values, torch.tensor(expected))
    torch.testing.assert_close(logits, 5 * values)


def test_without_weight_of_the_plan_it_is_model_free(teach):
    model = TransitionLearner(initial_value=0.0, model_based_weight=0.0)
    values, _ = teach(agent_of(model, TwoStepReversing), TRIALS)
    torch.testing.assert_close(values, torch.tensor([[0.5, 0.0], [0.25, 0.0]]))


def test_it_follows_transitions_that_have_reversed(live):
    def after_reversal(rate):
        model = TransitionLearner(transition_learning_rate=rate, inverse_temperature=20.0)
        trajectory = live(TwoStepReversing(p_reversal=0.0), agent_of(model, TwoStepReversing), n_episodes=200)
        state = trajectory.state()
        late = slice(101, None, 2)
        return (state["choice1"][late] == state["good_choice"][late]).float().mean().item()

    assert after_reversal(0.3) > 0.8
    assert after_reversal(0.0) == pytest.approx(0.5, abs=0.02)  # it never learns where the choices lead
