"""Each operation of torch against the numbers that its scalar operations give."""

import numpy as np
import pytest
import torch

from pfc_metarl.fitting.scalar_operations import HANDLERS
from pfc_metarl.fitting.scalar_tracing import FOLDED, Operation, Scalars, Untraceable, inputs, places_of

X = torch.tensor([[0.3, 1.2, 0.3], [2.0, 0.1, 0.7]], dtype=torch.float64)

OPERATIONS = {
    "arithmetic": lambda x: (x + 1) * x - x / (x + 2) + (1 - x),
    "comparisons": lambda x: ((x > 0.5) & ~(x >= 2) | (x == 0.3)).double() + (x < 0.2).double() + (x != 0.7).double(),
    "functions": lambda x: x.exp() + x.log() - x.sqrt() + (-x).abs() + x.log1p() + x.reciprocal() + x**3,
    "sums": lambda x: x.sum(-1) + x.amax(-1) + x.amin(-1) + x.sum((0, 1)),
    "softmax": lambda x: x.softmax(-1) + x.logsumexp(0),
    "bounds": lambda x: x.clamp(min=0.3, max=1.0) + torch.maximum(x, 1 - x) + torch.minimum(x, x * x),
    "choices": lambda x: torch.where(x > 0.5, x, 2 * x) + x.masked_fill(x > 1, 0.0),
    "index": lambda x: x.gather(-1, (x > 0.5).long()),
    "parts": lambda x: torch.stack([*x.unbind(-1)], 0) + torch.cat([x[:, 1:], x[:, :1]], -1).flip(-1).T,
    "any": lambda x: (x > 1.5).any(-1).double(),
}


def value(scalars, place, x):
    entry = scalars.listed[place]
    if isinstance(entry, Operation):
        return FOLDED[entry.name](*(value(scalars, operand, x) for operand in entry.operands))
    return entry if isinstance(entry, float) else float(x.ravel()[int(entry[2:-1])])


@pytest.mark.parametrize("name", OPERATIONS)
def test_scalar_operations_give_what_torch_gives(name):
    scalars = Scalars(HANDLERS)
    made = OPERATIONS[name](inputs(scalars, "x", torch.ones_like(X)))
    expected = OPERATIONS[name](X)
    places = places_of(scalars, made)
    got = np.array([value(scalars, int(place), X) for place in places.ravel()]).reshape(places.shape)
    np.testing.assert_allclose(got, expected, rtol=1e-14)


@pytest.mark.parametrize(
    "operation", [lambda x: x**0.5, lambda x: x.cumsum(0), lambda x: x.float(), lambda x: x.add_(1), lambda x: x @ x.T]
)
def test_what_has_no_scalar_form_is_refused(operation):
    with pytest.raises(Untraceable):
        operation(inputs(Scalars(HANDLERS), "x", torch.ones_like(X)))
