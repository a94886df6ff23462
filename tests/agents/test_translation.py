import torch

from pfc_metarl.agents.translation import with_action

VALUES, LOGITS = torch.tensor([[0.2, 0.8]]), torch.tensor([[1.0, 4.0]])


def test_an_action_that_is_no_option_has_a_logit_and_no_value():
    values, logits = with_action(VALUES, LOGITS, torch.tensor([-9.0]), n_actions=3)
    torch.testing.assert_close(values, torch.tensor([[0.2, 0.8, 0.0]]))
    assert logits.tolist() == [[1, 4, -9]]


def test_a_task_without_that_action_is_unchanged():
    values, logits = with_action(VALUES, LOGITS, torch.tensor([-9.0]), n_actions=2)
    assert values is VALUES
    assert logits is LOGITS
