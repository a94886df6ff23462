"""Tasks as programs: every task of the package shows and pays the same, to the bit."""

import itertools

import numpy as np
import pytest
import torch

from pfc_metarl.simulation.compiled_tasks import run
from pfc_metarl.simulation.programs import ACTION, REWARD, translated
from pfc_metarl.simulation.traced import Untranslatable
from pfc_metarl.simulation.translated import Translated
from pfc_metarl.tasks import (
    TASKS,
    Bandit,
    HarlowObjects,
    HarlowPixels,
    InferredValue,
    InformativeArm,
    Maze,
    RiskyLever,
    TwoStep,
    Volatility,
)
from tests.contracts import short

WITHOUT = {HarlowPixels: "pad"}
"""Tasks that have no program, and the operation that is the reason."""

VARIANTS = [
    *(short(task) for task in TASKS if task not in (*WITHOUT, Maze)),
    Bandit(n_trials=4, n_arms=5, show_trial=True),
    Bandit(n_trials=4, arms="correlated", p_first=(0.25, 0.75)),
    HarlowObjects(max_steps=30, balanced=True, fixation_steps=2, features="binary", n_features=2),
    HarlowObjects(max_steps=20, n_features=2, drawn_from="training_set", set_size=5),
    InferredValue(n_trials=7, schedule="once"),
    InformativeArm(n_trials=4, show_trial=True),
    Maze(max_steps=30),
    Maze(n_trials=3, max_steps=30, layout="random", size=3, n_layouts=4),
    RiskyLever(n_trials=8, n_forced=2, safe_reward=(1.0, 2.0)),
    *(
        TwoStep(n_trials=4, second_stage_choice=choice, drift_sd=0.0, fixation=fixation)
        for choice, fixation in itertools.product((False, True), repeat=2)
    ),
    *(Volatility(n_trials=9, schedule=half, trials_between_reversals=2) for half in ("stable_first", "volatile_first")),
]


def assert_same(task, n_networks=2, n_episodes=7, seed=0):
    """Run random actions in a task and in its program, and compare what is shown and paid at every step."""
    program, source = translated(task), torch.Generator().manual_seed(seed)
    assert len(program.powers) < 2
    worlds = n_networks, n_episodes
    noise = torch.rand(task.n_steps + 1, *worlds, task.n_draws, generator=source)
    actions = torch.randint(len(task.action_names), (task.n_steps, *worlds), generator=source)
    own = Translated(task, program)
    own.begin(noise[0])
    if program.powers:
        find_bases(own, noise)
    arrays, tables = (own.floating, own.whole), own.instructions[3:]
    state, random = task.begin(noise[0]), own.drawn(noise[1:]).numpy()
    for t, (action, its_noise) in enumerate(zip(actions, noise[1:], strict=True)):
        assert run(program.code, *program.spans[t, :2], *arrays, *tables, random[t])
        seen = task.observe(state).reshape(n_networks * n_episodes, -1)
        assert np.array_equal(own.floating[program.shown[t]], seen.numpy().T), f"shown at step {t}"
        own.whole[ACTION] = action.flatten()
        assert run(program.code, *program.spans[t, 2:], *arrays, *tables, random[t])
        state, reward = task.step(state, action, its_noise)
        assert np.array_equal(own.floating[REWARD], reward.flatten().numpy()), f"paid at step {t}"


def find_bases(own, noise):
    """Run a trial, so that the bases of powers are known, and begin again."""
    for spans in own.program.spans[:2]:
        for first, last in (spans[:2], spans[2:]):
            run(own.program.code, first, last, own.floating, own.whole, *own.instructions[3:], noise[1].numpy())
    own.compute_powers()
    own.begin(noise[0])


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("task", VARIANTS, ids=lambda task: type(task).__name__)
def test_a_program_shows_and_pays_what_the_task_does(task, seed):
    assert_same(task, n_networks=1 + 2 * seed, n_episodes=40, seed=seed)


@pytest.mark.parametrize("task", WITHOUT)
def test_some_tasks_have_no_program(task):
    with pytest.raises(Untranslatable, match=WITHOUT[task]):
        translated(short(task))


def test_steps_that_are_alike_have_the_same_instructions():
    few, many = translated(TwoStep(n_trials=5)), translated(TwoStep(n_trials=50))
    assert len(few.code) == len(many.code)
    assert few.n_registers == many.n_registers


def test_what_is_only_recorded_is_left_out():
    class Logging(TwoStep):
        def step(self, state, action, noise):
            after, reward = super().step(state, action, noise)
            return after._replace(common=3 * after.common + action), reward

    assert len(translated(Logging(n_trials=5)).code) == len(translated(TwoStep(n_trials=5)).code)


def test_numbers_move_to_the_next_step_all_at_once():
    class Swap(TwoStep):
        def step(self, state, action, noise):
            after, reward = super().step(state, action, noise)
            return after._replace(choice1=state.good_state, good_state=state.choice1 + 1), reward

        def _p_reward_of_options(self, good_state):
            return super()._p_reward_of_options(good_state.remainder(2))

    assert_same(Swap(n_trials=6))
