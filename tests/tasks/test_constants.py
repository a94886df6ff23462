import pytest
import torch

from pfc_metarl.settings import BadInput, settings
from pfc_metarl.tasks.constants import NONE, Probability, constant, constants


def test_constants_are_made_once_for_each_type_and_device():
    cpu = torch.device("cpu")
    whole, real = constants((0, 1), cpu, torch.int64), constants((0, 1), cpu)
    assert (whole.dtype, real.dtype) == (torch.int64, torch.float32)
    assert constants((0.0, 1.0), cpu) is real
    assert whole.tolist() == [0, 1]


@settings
class Coin:
    p: Probability = 0.5


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_a_probability_lies_between_0_and_1(p):
    with pytest.raises(BadInput, match=r"^Coin\.p = "):
        Coin(p=p)


def test_none_is_no_code():
    assert NONE < 0


def test_a_constant_keeps_its_type():
    cpu = torch.device("cpu")
    assert (constant(-1.0, cpu).dtype, constant(-1, cpu).dtype) == (torch.float32, torch.int64)
    assert constant(-1.0, cpu) is constant(-1.0, cpu)
