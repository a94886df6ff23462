import pytest
import torch

from pfc_metarl.agents import Percept, TrialAgent
from pfc_metarl.agents.harlow import HarlowTranslation
from pfc_metarl.measures import intraproblem_learning, second_trial
from pfc_metarl.models import WinStayLoseShift
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import HarlowObjects


def learner(n_cells=9, shifts=True):
    return TrialAgent(
        model=WinStayLoseShift(inverse_temperature=1000.0, shifts=shifts),
        translation=HarlowTranslation(n_cells=n_cells),
    )


A, B, NOTHING = [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]
LEFT, RIGHT, STAY = range(3)


def done(percepts, agent=None):
    """Actions of an agent with three cells on a row of (cells, cross, reward before); the noise favours right."""
    agent = agent or learner(n_cells=3)
    memory, actions, action = agent.begin((1, 1)), [], torch.tensor([[-1]])
    for cells, cross, reward in percepts:
        field = [[float(place == cross), *cell] for place, cell in zip((-1, 0, 1), cells, strict=True)]
        percept = Percept(
            torch.tensor([[[value for cell in field for value in cell]]]), action, torch.tensor([[reward]])
        )
        action, _, memory = agent.act(percept, memory, torch.tensor([[[0.0, 1.0, 2.0]]]))
        actions.append(action.item())
    return actions


def shown(left, middle, right, reward=0.0):
    return (left, middle, right), None, reward


def cross(place):
    return (NOTHING,) * 3, place, 0.0


def test_it_moves_to_the_cross_and_stays_there():
    assert done([cross(1), cross(-1), cross(0)]) == [RIGHT, LEFT, STAY]


def test_where_nothing_is_seen_it_looks_around():
    assert done([shown(NOTHING, NOTHING, NOTHING)] * 3) == [RIGHT] * 3


@pytest.mark.parametrize(("reward", "then"), [(1.0, RIGHT), (-1.0, LEFT)])
def test_it_takes_the_object_that_was_rewarded_or_not_the_one_that_was_not(reward, then):
    first = [shown(A, NOTHING, B), shown(NOTHING, B, NOTHING, reward)]  # the noise favours right, to B
    assert done([*first, cross(0), shown(A, NOTHING, B)])[-1] == then
    assert done([*first, cross(0), shown(B, NOTHING, A)])[-1] == {LEFT: RIGHT, RIGHT: LEFT}[then]


def test_the_gaze_does_not_reverse_on_its_way():
    learned = [shown(A, NOTHING, B), shown(NOTHING, B, NOTHING, 1.0), cross(0)]
    assert done([*learned, shown(B, NOTHING, A), shown(NOTHING, NOTHING, B)])[-2:] == [LEFT, LEFT]


def test_without_shifting_it_is_at_chance_after_a_loss():
    lost = [shown(A, NOTHING, B), shown(NOTHING, B, NOTHING, -1.0), cross(0), shown(B, NOTHING, A)]
    assert done(lost, learner(n_cells=3, shifts=False))[-1] == RIGHT  # as the noise favours


@pytest.mark.parametrize("options", [{}, {"balanced": True, "features": "binary"}, {"saccade": 3, "n_positions": 18}])
def test_it_solves_every_new_problem_after_one_trial(options):
    made = record(HarlowObjects(**options), learner(), n_episodes=100, seed=0, networks=(0, 1))
    learning = intraproblem_learning(made)
    assert (learning["n_trials"] == 100).all()
    assert (abs(learning["p_correct_first"] - 0.5) < 0.16).all()  # three standard errors
    assert (learning["p_correct_later"] == 1).all()


def test_an_agent_that_only_repeats_rewarded_choices_is_at_chance_after_a_loss():
    made = record(HarlowObjects(), learner(shifts=False), n_episodes=200, seed=0, networks=(0,))
    after = second_trial(made)["p_correct"].sel(subject=0)
    assert after.sel(first_choice="correct") == 1
    assert abs(after.sel(first_choice="wrong") - 0.5) < 0.16
