"""Traced tensors: they have a shape and a type, and no numbers."""

import numpy as np
import pytest
import torch

from pfc_metarl.simulation.operations import HANDLERS
from pfc_metarl.simulation.traced import WORLDS, Drawn, Traced, Untranslatable, is_float, mapped, traced_in
from pfc_metarl.simulation.translation import Tracer


@pytest.fixture
def noise():
    tracer = Tracer(HANDLERS, n_fixed=0, n_draws=3)
    return tracer.noise(torch.rand(*WORLDS, 3))


@pytest.mark.parametrize(
    "ask",
    [lambda x: bool(x[0, 0, 0] > 0), lambda x: float(x[0, 0, 0]), lambda x: x.numpy(), np.asarray, torch.Tensor.tolist],
)
def test_who_asks_for_numbers_gets_an_exception(noise, ask):
    with pytest.raises((Untranslatable, RuntimeError)):
        ask(noise)


def test_shape_and_type_are_those_of_torch(noise):
    made = (noise[..., :2] < 0.5).long()
    assert made.shape == (*WORLDS, 2)
    assert made.dtype == torch.int64
    assert made.device.type == "cpu"


def test_what_is_drawn_can_be_computed_for_other_worlds(noise):
    made = torch.special.ndtri(noise.unbind(-1)[1].clamp(0.1, 0.9))
    others = torch.rand(10, 3, 3)
    assert torch.equal(made.of_noise.compute(others), torch.special.ndtri(others[..., 1].clamp(0.1, 0.9)))
    again = torch.special.ndtri(noise.unbind(-1)[1].clamp(0.1, 0.9))
    other = torch.special.ndtri(noise.unbind(-1)[0].clamp(0.1, 0.9))
    assert again.of_noise.name == made.of_noise.name != other.of_noise.name


@pytest.mark.parametrize(
    "mixed", [lambda x: x.roll(1, 0), lambda x: x.sum(), lambda x: x.cumsum(1), lambda x: x.sum(1)]
)
def test_what_is_drawn_belongs_to_its_world(noise, mixed):
    with pytest.raises(Untranslatable, match="mixed"):
        mixed(noise)


def test_what_depends_on_more_than_noise_is_not_drawn(noise):
    tracer = Tracer(HANDLERS, n_fixed=1, n_draws=3)
    state = tracer.traced(torch.rand(WORLDS), np.array([0]))
    assert (noise[..., 0] + state).of_noise is None


def test_tensors_among_arguments_are_found_and_changed(noise):
    assert traced_in([1, [noise, (2, noise)], "x"]) == [noise, noise]
    assert mapped([1, (noise, [noise])], lambda tensor: isinstance(tensor, Traced)) == [1, (True, [True])]
    assert Drawn(None, (), {}).compute(noise) is noise


def test_numbers_of_other_precisions_have_no_registers():
    assert [is_float(dtype) for dtype in (torch.float32, torch.int64, torch.bool)] == [True, False, False]
    with pytest.raises(Untranslatable, match="float64"):
        is_float(torch.float64)
