"""Operations of torch, each as instructions: the same to the bit, for any number of worlds."""

from typing import NamedTuple

import pytest
import torch

from pfc_metarl.settings import settings
from pfc_metarl.simulation.programs import translated
from pfc_metarl.simulation.traced import Untranslatable
from pfc_metarl.tasks import Task
from tests.simulation.test_programs import assert_same

TABLE, WHOLE_TABLE = torch.randn(4, 3, 2), torch.randint(9, (4, 3))


class State(NamedTuple):
    trial: int
    phase: int
    x: torch.Tensor
    n: torch.Tensor
    b: torch.Tensor
    pair: torch.Tensor


FUNCTIONS = {}


@settings
class Probe(Task):
    """Applies an operation to a single-precision number x, a whole number n, a condition b and two numbers."""

    operation: str = ""
    n_trials: int = 3

    action_names = ("a", "b", "c")
    channel_names = ("one", "two")
    phase_names = ("only",)
    n_steps = 3
    n_draws = 5
    field_dims = {"pair": ("half",)}

    def begin(self, noise):
        return self._state(0, noise)

    def _state(self, trial, noise):
        x, n = 6 * noise[..., 0] - 3, (9 * noise[..., 1]).long() - 4
        return State(trial, 0, x, n, noise[..., 2] < 0.5, noise[..., 3:])

    def observe(self, state):
        return state.pair

    def step(self, state, action, noise):
        made = FUNCTIONS[self.operation](state.x, state.n, state.b, state.pair, action)
        after = self._state(state.trial + 1, noise)
        if made.ndim > 2:
            return after._replace(pair=made[..., -2:] * 1.0), made[..., 0] * 1.0
        return after, made * 1.0


FUNCTIONS |= {
    "add": lambda x, n, b, p, a: x + n,
    "sub": lambda x, n, b, p, a: 0.3 - x,
    "mul": lambda x, n, b, p, a: 0.1 * x * p[..., 0],
    "mul_condition": lambda x, n, b, p, a: -0.7 * b,
    "div": lambda x, n, b, p, a: x / 0.3 + n / 7,
    "floor_div": lambda x, n, b, p, a: n.div(3, rounding_mode="floor") + n // 2,
    "remainder": lambda x, n, b, p, a: x.remainder(0.7) + n % 3,
    "alpha": lambda x, n, b, p, a: torch.add(n, b, alpha=4),
    "in_place": lambda x, n, b, p, a: (x + 1).mul_(p[..., 1]).clamp_(max=1.5),
    "view_in_place": lambda x, n, b, p, a: _second_doubled(p),
    "bounds": lambda x, n, b, p, a: x.clamp(-1, 1) + n.clamp(min=0) + torch.maximum(x, p[..., 0]) + x.clamp(max=0.5),
    "comparisons": lambda x, n, b, p, a: (x < 0.1).long() + (n >= 1) + (x > n) * 4 + (n == 2) * 8 + (x <= 2) + (n != 3),
    "logic": lambda x, n, b, p, a: ((b & (x > 0)) | ~b ^ (n > 0)).float(),
    "bits": lambda x, n, b, p, a: (n & 3) + (n ^ 5) * 8 + (n >> 1) * 64 + b.logical_not(),
    "types": lambda x, n, b, p, a: x.long() + n.float() + b.float() + (x * 2).bool() + n.bool().long(),
    "where": lambda x, n, b, p, a: torch.where(b, x, n) + torch.where(x > 0, 1.5, p[..., 1]),
    "fill": lambda x, n, b, p, a: x.masked_fill(b, 0.25) + n.masked_fill(x > 0, -1) + torch.full_like(x, 2.5),
    "table": lambda x, n, b, p, a: TABLE[n.clamp(0, 3), a] + WHOLE_TABLE[n.clamp(-4, 3), a].unsqueeze(-1),
    "rows": lambda x, n, b, p, a: TABLE[:, 0].index_select(0, n.clamp(0, 3).flatten()).view(*n.shape, 2),
    "take": lambda x, n, b, p, a: WHOLE_TABLE.take(n + 4),
    "gather": lambda x, n, b, p, a: torch.cat([p, x.unsqueeze(-1)], -1).gather(-1, a.unsqueeze(-1)).squeeze(-1),
    "gather_rows": lambda x, n, b, p, a: _by_row(p, a),
    "written": lambda x, n, b, p, a: _first_replaced(p, x),
    "added_to": lambda x, n, b, p, a: _added(x * 1, n),
    "signs": lambda x, n, b, p, a: -x + (-n),
    "from_numbers": lambda x, n, b, p, a: (1.5 - x) * 2 + (3 - n),
    "method_where": lambda x, n, b, p, a: x.where(b, p[..., 0]),
    "loops": lambda x, n, b, p, a: sum(half * 2 for half in p.unbind(-1)),
    "shapes": lambda x, n, b, p, a: x.view_as(n) * x.shape[0] / len(x) + x.ndim + x.new_ones(x.shape) * p.mT.mT[..., 0],
    "a_row_of_a_table": lambda x, n, b, p, a: TABLE[a, 1, 0],
    "gather_table": lambda x, n, b, p, a: TABLE[0, :, 0].expand(*a.shape, 3).gather(-1, a.unsqueeze(-1)).squeeze(-1),
    "moves": lambda x, n, b, p, a: (
        torch.stack([p[..., 1], x], -1).flip(-1).unsqueeze(-1).expand(*x.shape, 2, 2).flatten(-2)
    ),
    "flat": lambda x, n, b, p, a: (p.flatten() * 2).view(p.shape),
}


def _second_doubled(pair):
    made = pair.clone()
    made[..., 1].mul_(2)
    return made


def _first_replaced(pair, x):
    made = pair.clone()
    made[..., 0] = x
    made[..., 1] = 0.5
    return made


def _added(x, n):
    x += n
    x *= 0.3
    return x


def _by_row(pair, action):
    both = torch.stack([pair, 1 - pair], -2)
    place = torch.stack([action.clamp(max=1), 1 - action.clamp(max=1)], -1).unsqueeze(-1)
    return both.gather(-1, place).squeeze(-1)


@pytest.mark.parametrize("operation", FUNCTIONS)
def test_an_operation_is_the_same_to_the_bit(operation):
    assert_same(Probe(operation=operation))


REFUSED = {
    "pow": lambda x, n, b, p, a: x ** p[..., 0],
    "mean_of_worlds": lambda x, n, b, p, a: x - x.mean(),
    "other_worlds": lambda x, n, b, p, a: x + x.flip(0),
    "other_episodes": lambda x, n, b, p, a: x + torch.cat([x[:, 1:], x[:, :1]], 1),
    "question": lambda x, n, b, p, a: x + 1 if bool((x > 0).all()) else x,
    "numbers": lambda x, n, b, p, a: torch.from_numpy(x.numpy()),
    "list": lambda x, n, b, p, a: torch.tensor(x.tolist()),
    "random": lambda x, n, b, p, a: x + torch.rand_like(x),
    "worlds_that_differ": lambda x, n, b, p, a: x + torch.arange(x.numel()).reshape(x.shape),
    "double": lambda x, n, b, p, a: x.double().float(),
    "mask": lambda x, n, b, p, a: x[b].sum() + x,
    "written_into": lambda x, n, b, p, a: torch.zeros(x.shape).copy_(x),
    "out": lambda x, n, b, p, a: torch.add(x, 1, out=torch.zeros(x.shape)),
    "float_floor": lambda x, n, b, p, a: x // 0.3,
    "inverse": lambda x, n, b, p, a: 1 / x,
    "written_by_mask": lambda x, n, b, p, a: _masked(x, b),
    "fused": lambda x, n, b, p, a: torch.add(x, p[..., 0], alpha=0.1),
}


def _masked(x, b):
    made = x.clone()
    made[b] = 0
    return made


@pytest.mark.parametrize("operation", REFUSED)
def test_an_operation_without_instructions_is_refused(operation, monkeypatch):
    monkeypatch.setitem(FUNCTIONS, operation, REFUSED[operation])
    with pytest.raises((Untranslatable, RuntimeError)):
        translated(Probe(operation=operation))
