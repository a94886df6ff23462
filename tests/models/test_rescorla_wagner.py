import pytest
import torch

from pfc_metarl.agents import Percept, agent_of
from pfc_metarl.models import RescorlaWagner
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import Volatility


def taught(model, trials):
    """Values before each of some trials, and after the last; a trial is (action, reward)."""
    agent, values, before = agent_of(model, Volatility), [], (-1, 0.0)
    memory = agent.begin((1, 1))
    for action, reward in [*trials, (0, 0.0)]:
        percept = Percept(torch.ones(1, 1, 1), torch.tensor([[before[0]]]), torch.tensor([[before[1]]]))
        _, readout, memory = agent.act(percept, memory, torch.zeros(1, 1, 2))
        values.append(readout.action_value[0, 0].tolist())
        before = (action, reward)
    return values, readout


def test_a_value_changes_by_a_fraction_of_the_error():
    values, readout = taught(RescorlaWagner(learning_rate=0.2, inverse_temperature=3.0), [(0, 1.0), (0, 0.0), (1, 1.0)])
    left = [0.5, 0.6, 0.48, 0.384]  # by hand
    torch.testing.assert_close(values, [[v, 1 - v] for v in left])
    torch.testing.assert_close(readout.logits[0, 0], 3 * torch.tensor([0.384, 0.616]))


def test_a_loss_at_one_arm_is_a_win_of_the_other():
    model = RescorlaWagner(learning_rate=0.5)
    assert taught(model, [(1, 0.0)])[0] == taught(model, [(0, 1.0)])[0]
    assert taught(model, [(1, 1.0)])[0] == taught(model, [(0, 0.0)])[0] != taught(model, [(0, 1.0)])[0]


def test_a_rate_of_one_repeats_what_paid(live):
    trajectory = live(
        Volatility(n_trials=50), agent_of(RescorlaWagner(learning_rate=1.0, inverse_temperature=1000.0), Volatility)
    )
    action, reward = trajectory.action(), trajectory.reward().long()
    assert torch.equal(action[1:], action[:-1] ^ reward[:-1] ^ 1)


@pytest.mark.parametrize("options", [{"learning_rate": 1.1}, {"learning_rate": -0.1}, {"inverse_temperature": -1}])
def test_invalid_values_are_refused(options):
    with pytest.raises(BadInput, match=r"^RescorlaWagner\."):
        RescorlaWagner(**options)
