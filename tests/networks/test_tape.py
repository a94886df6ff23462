"""Tapes computed by compiled loops and by the plain equations."""

import pytest
import torch

from pfc_metarl.networks.compiled_engine import CompiledEngine
from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.plain import PlainEngine
from pfc_metarl.networks.tape import Part, Tape
from tests.networks.test_cores import N_ACTIONS, N_EPISODES, N_NETWORKS, N_STEPS, UNITS, WIDTHS, random_weights

PART = Part("lstm", UNITS, WIDTHS, {"logits": N_ACTIONS, "value": 1})


def lived(core, use_compiled, traced=None, edits=(None, None), weights=None, n_episodes=N_EPISODES):
    """A tape after an episode of random percepts."""
    tape = Tape(PART._replace(core=core), weights or random_weights(core), N_STEPS, n_episodes, traced, use_compiled)
    tape.rewind()
    for t, given in enumerate(percepts(n_episodes)):
        tape.step(t, *given, None, *edits)
    return tape


def percepts(n_episodes=N_EPISODES):
    """Random observation, previous action and previous reward of every step."""
    generator, shape = torch.Generator().manual_seed(1), (N_NETWORKS, n_episodes)
    for _ in range(N_STEPS):
        observation = torch.randn(*shape, WIDTHS["observation"], generator=generator)
        action = torch.randint(-1, N_ACTIONS, shape, generator=generator)
        yield observation, action, torch.randn(shape, generator=generator)


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
    tape, generator = Tape(PART, random_weights("lstm"), N_STEPS, N_EPISODES, compiled=use_compiled), torch.Generator()
    noise = 3 * torch.randn(N_STEPS, N_NETWORKS, N_EPISODES, N_ACTIONS, generator=generator.manual_seed(3))
    given = percepts()
    tape.rewind()
    chosen = torch.stack([tape.act(t, *next(given), None, noise[t]) for t in range(N_STEPS)])
    assert torch.equal(tape.heads, lived("lstm", use_compiled).heads)
    assert torch.equal(chosen, (tape.heads[..., :N_ACTIONS] + noise).argmax(-1))
    assert set(chosen.unique().tolist()) == set(range(N_ACTIONS))
