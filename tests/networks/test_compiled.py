"""The compiled loops against the plain equations and against numpy in double precision."""

import numpy as np
import pytest
import torch

from pfc_metarl.networks import compiled, compiled_cores, compiler
from pfc_metarl.networks.buffers import Buffers
from pfc_metarl.networks.compiled_engine import CompiledEngine
from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.plain import PlainEngine
from pfc_metarl.networks.tape import Part, Tape
from tests.networks.test_cores import (
    N_ACTIONS,
    N_EPISODES,
    N_NETWORKS,
    N_STEPS,
    UNITS,
    WIDTHS,
    random_weights,
)

PART = Part("lstm", UNITS, WIDTHS, {"logits": N_ACTIONS, "value": 1})


def lived(core, use_compiled, traced=None, edits=(None, None), weights=None, n_episodes=N_EPISODES):
    """A tape after an episode of random percepts."""
    tape = Tape(PART._replace(core=core), weights or random_weights(core), N_STEPS, n_episodes, traced, use_compiled)
    tape.rewind()
    generator, shape = torch.Generator().manual_seed(1), (N_NETWORKS, n_episodes)
    for t in range(N_STEPS):
        observation = torch.randn(*shape, WIDTHS["observation"], generator=generator)
        action = torch.randint(-1, N_ACTIONS, shape, generator=generator)
        tape.step(t, observation, action, torch.randn(shape, generator=generator), None, *edits)
    return tape


def both(core, **options):
    return lived(core, True, **options), lived(core, False, **options)


def gradients(tape):
    return tape.backward(torch.randn(tape.heads.shape, generator=torch.Generator().manual_seed(2)))


def assert_near(found, expected, name=None):
    assert (found - expected).abs().max() <= 1e-5 * max(1, expected.abs().max()), name


@pytest.mark.parametrize("n_episodes", [1, 3, 33])
@pytest.mark.parametrize("core", CORES)
def test_compiled_loops_equal_autograd_through_the_plain_equations(core, n_episodes):
    own, plain = both(core, traced="observation", n_episodes=n_episodes)
    assert isinstance(own.engine, CompiledEngine)
    assert isinstance(plain.engine, PlainEngine)
    for ours, reference in zip(own.steps, plain.steps, strict=True):
        for name in ("hidden", "cell")[: 1 + CORES[core].has_cell]:
            assert_near(getattr(ours, name), getattr(reference, name), name)
    assert_near(own.heads, plain.heads)
    expected = gradients(plain)
    for name, gradient in gradients(own).items():
        assert gradient.shape == expected[name].shape == own.weights[name].shape
        assert_near(gradient, expected[name], name)
    assert_near(own.d_input, plain.d_input)
    assert plain.d_input.abs().max() > 0.1


@pytest.mark.parametrize("core", CORES)
def test_edited_activity_is_what_heads_and_next_step_read(core):
    has_cell = CORES[core].has_cell
    edits = (lambda hidden: 0.5 * hidden + 0.1), (lambda cell: 0.5 * cell) if has_cell else None
    own, plain = both(core, edits=edits)
    assert_near(own.heads, plain.heads)
    assert (own.heads - lived(core, True).heads).abs().max() > 0.01


@pytest.mark.parametrize("core", CORES)
def test_an_edit_that_changes_nothing_leaves_every_bit(core):
    assert torch.equal(lived(core, True, edits=(lambda hidden: hidden, None)).heads, lived(core, True).heads)


def test_traced_inputs_are_found_by_name():
    for name, width in WIDTHS.items():
        own, plain = both("lstm", traced=name)
        gradients(own)
        gradients(plain)
        assert own.d_input.shape == (N_NETWORKS, N_STEPS, N_EPISODES, width)
        assert_near(own.d_input, plain.d_input, name)


def test_double_precision_and_cores_without_loops_are_computed_by_the_plain_equations(monkeypatch):
    precise = {name: tensor.double() for name, tensor in random_weights("lstm").items()}
    assert isinstance(Tape(PART, precise, 2, 1).engine, PlainEngine)
    monkeypatch.setitem(CORES, "own", CORES["rnn"])
    tape = Tape(PART._replace(core="own"), random_weights("own"), 2, 1)
    assert isinstance(tape.engine, PlainEngine)


@pytest.mark.parametrize("use_compiled", [True, False])
def test_a_choice_is_the_largest_logit_plus_noise(use_compiled):
    tape = lived("lstm", use_compiled)
    noise = 3 * torch.randn(N_STEPS, N_NETWORKS, N_EPISODES, N_ACTIONS, generator=torch.Generator().manual_seed(3))
    chosen = torch.stack([tape.choose(t, noise[t]) for t in range(N_STEPS)])
    assert torch.equal(chosen, (tape.heads[..., :N_ACTIONS] + noise).argmax(-1))
    assert set(chosen.unique().tolist()) == set(range(N_ACTIONS))


def test_a_network_that_is_not_finite_stays_so_and_leaves_the_others_alone():
    broken = random_weights("lstm")
    broken["core"][0, 0, 0] = torch.nan
    own, whole = lived("lstm", True, weights=broken), lived("lstm", True)
    assert own.heads[-1, 0].isnan().all()
    assert torch.equal(own.heads[:, 1], whole.heads[:, 1])
    found, expected = gradients(own), gradients(whole)
    assert found["core"][0].isnan().any()
    assert all(torch.equal(found[name][1], expected[name][1]) for name in expected)


def test_episodes_of_many_lengths_use_all_their_steps():
    for n_episodes in (1, 16, 200):
        n_rows, n_errors = 4 + UNITS + 1, 4 * UNITS + 3
        assert compiled.steps_at_once(n_errors, n_rows, n_episodes) >= 1
    assert compiled.steps_at_once(10_000, 10_000, 16) == compiled.MANY_STEPS


@compiler.compiled
def of_all(function_values, x, sigmoid):
    for k in range(x.size):
        function_values[k] = compiled_cores.sigmoid(x[k]) if sigmoid else compiled_cores.tanh(x[k])


def every_thousandth_float():
    """Finite numbers of single precision of either sign, dense at every magnitude."""
    positive = np.arange(0, 0x7F800000, 1009, dtype=np.uint32).view(np.float32)
    return np.concatenate([positive, -positive])


def test_tanh_is_exact_to_4e_7_over_all_single_precision():
    x = every_thousandth_float()
    found = np.empty_like(x)
    of_all(found, x, False)
    error = np.abs(found - np.tanh(x.astype(np.float64)))
    assert error.max() < 4e-7
    small = np.abs(x) < 1
    np.testing.assert_allclose(found[small], np.tanh(x[small].astype(np.float64)), rtol=4e-7, atol=1e-44)
    assert (np.sign(found) == np.sign(x)).all()


def test_sigmoid_is_exact_to_3e_7_over_all_single_precision():
    x = every_thousandth_float()
    found = np.empty_like(x)
    of_all(found, x, True)
    with np.errstate(over="ignore"):
        expected = 1 / (1 + np.exp(-x.astype(np.float64)))
    assert np.abs(found - expected).max() < 3e-7


@pytest.mark.parametrize("sigmoid", [True, False])
def test_what_is_no_number_stays_so_and_infinity_saturates(sigmoid):
    x = np.array([np.nan, np.inf, -np.inf], dtype=np.float32)
    found = np.empty_like(x)
    of_all(found, x, sigmoid)
    assert np.isnan(found[0])
    np.testing.assert_allclose(found[1:], [1, 0 if sigmoid else -1], atol=4e-7)


def test_buffers_have_the_precision_of_the_weights():
    precise = {name: tensor.double() for name, tensor in random_weights("gru").items()}
    buffers = Buffers.like(precise, WIDTHS, False, 2, 3, None)
    assert buffers.percepts.dtype == torch.float64
    assert buffers.cells.numel() == 0
