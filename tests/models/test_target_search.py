import pytest
import torch

from pfc_metarl.models import Experience, TargetSearch


def after(model, *pulls):
    state = model.begin((1,), n_options=11)
    for arm, reward in pulls:
        state = model.update(state, Experience(torch.tensor([arm]), torch.tensor([reward]), torch.tensor([True])))
    return model.logits(state)[0].softmax(-1)


def test_the_informed_search_asks_once_and_then_knows():
    assert after(TargetSearch()).argmax().item() == 10
    for target in range(10):
        told = after(TargetSearch(), (10, (target + 1) / 10))
        assert told[target].item() == pytest.approx(1)


def test_the_other_tries_every_arm_but_the_last_once():
    policy = after(TargetSearch(informed=False), (3, 1.0), (0, 1.0))
    torch.testing.assert_close(policy, torch.tensor([0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0]) / 8)


def test_a_target_that_was_found_is_kept():
    assert after(TargetSearch(informed=False), (3, 1.0), (7, 5.0))[7].item() == pytest.approx(1)
    assert after(TargetSearch(), (7, 5.0))[7].item() == pytest.approx(1)
