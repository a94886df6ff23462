import pytest
import torch
from scipy.stats import chisquare

from pfc_metarl.agents import Random
from pfc_metarl.data.trial_table import trials
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Maze, check_task

AHEAD = 2


@pytest.mark.parametrize("options", [{}, {"n_trials": 2}, {"layout": "random", "size": 3, "n_layouts": 7}], ids=str)
def test_the_options_keep_the_contract(options):
    check_task(Maze(max_steps=40, **options))


def test_goals_are_the_four_ends_equally_often_and_no_start_is_the_goal():
    task = Maze()
    state = task.begin(torch.rand(1, 4000, 3, generator=torch.Generator().manual_seed(0)))
    found, counts = state.goal.unique(return_counts=True)
    assert len(found) == 4
    assert chisquare(counts).pvalue > 0.001
    assert not torch.isin(state.place // 4, found).any()
    assert len(state.place.unique()) == 4 * (21 - 4)


def beside_goal(task, noise):
    """A state whose next move ahead leads to the goal: the first cell of the upper bar, seen from the second."""
    state = task.begin(noise)
    return state._replace(goal=torch.zeros_like(state.goal), place=torch.full_like(state.place, 4 + 3))


def test_reaching_the_goal_pays_and_starts_a_trial_elsewhere():
    task, noise = Maze(), torch.full((1, 1, 3), 0.5)
    state, reward = task.step(beside_goal(task, noise), torch.tensor([[AHEAD]]), noise)
    assert reward.item() == 1
    assert (state.trial.item(), state.clock.item()) == (1, 1)
    assert state.place.item() // 4 != 0
    still, nothing = task.step(beside_goal(task, noise), torch.tensor([[0]]), noise)
    assert (nothing.item(), still.trial.item(), still.clock.item()) == (0, 0, 2)


def test_nothing_happens_after_the_last_trial():
    task, noise = Maze(n_trials=1), torch.full((1, 1, 3), 0.5)
    state, reward = task.step(beside_goal(task, noise), torch.tensor([[AHEAD]]), noise)
    assert (reward.item(), state.trial.item(), state.phase.item()) == (1, 0, 1)
    again, nothing = task.step(state._replace(place=torch.full_like(state.place, 7)), torch.tensor([[AHEAD]]), noise)
    assert (nothing.item(), again.trial.item()) == (0, 0)


def test_the_two_sets_of_random_mazes_have_none_in_common():
    options = {"layout": "random", "size": 3, "n_layouts": 50}
    training, held_out = (
        Maze(drawn_from=which, **options)._mazes(torch.device("cpu")) for which in ("training_set", "held_out_set")
    )
    n = min(training.after.shape[1], held_out.after.shape[1])
    same = (training.after[:, None, :n] == held_out.after[None, :, :n]).all((-1, -2)) & (
        training.view[:, None, :n] == held_out.view[None, :, :n]
    ).all((-1, -2))
    assert not same.any()


def test_the_table_counts_steps_and_visits():
    made = record(Maze(max_steps=60), Random(), n_episodes=200, seed=0, networks=(0,))
    table = trials(made)
    assert table["reward"].sum() == float(made["reward"].sum())
    assert table.groupby("session")["steps"].sum().eq(60).all()
