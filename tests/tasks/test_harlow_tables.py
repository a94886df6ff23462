import torch

from pfc_metarl.tasks.constants import NONE
from pfc_metarl.tasks.harlow_tables import (
    AT_CROSS,
    AT_LEFT,
    AT_RIGHT,
    CHOICE,
    CROSS,
    ELSEWHERE,
    FIXATION,
    INTERVAL,
    NOTHING,
    OBJECTS,
    OVER,
    clocks,
    on_ring,
    procedure,
    results,
    ring,
    shown_in_phase,
)

CPU = torch.device("cpu")


def event(phase, looked_at, over=0, last=0):
    return torch.tensor(looked_at + 4 * phase + 16 * over + 32 * last)


def test_positions_on_a_ring_of_five_lie_at_most_two_from_the_cross():
    assert on_ring(torch.arange(-3, 8), 5).tolist() == [2, -2, -1, 0, 1, 2, -2, -1, 0, 1, 2]


def test_the_gaze_turns_left_and_right_and_closes_the_ring():
    turns, looks = ring(7, 2, 2, 0, CPU)
    assert turns.unflatten(0, (7, 3))[0].tolist() == [-2, 2, 0]
    assert turns.unflatten(0, (7, 3))[-3].tolist() == [2, -1, -3]
    assert looks.tolist() == [AT_CROSS, ELSEWHERE, AT_RIGHT, ELSEWHERE, ELSEWHERE, AT_LEFT, ELSEWHERE]
    assert ring(7, 1, 2, 1, CPU)[1].tolist() == [AT_CROSS, AT_RIGHT, AT_RIGHT, AT_RIGHT, AT_LEFT, AT_LEFT, AT_LEFT]


def test_the_clock_runs_at_the_cross_and_in_the_interval():
    counts, ends = (table.unflatten(0, (4, 4)) if table.ndim == 1 else table for table in clocks(3, 2, CPU))
    assert counts[FIXATION].tolist() == [0, 1, 0, 0]
    assert counts[INTERVAL].tolist() == [1, 1, 1, 1]
    assert counts[CHOICE].sum() == counts[OVER].sum() == 0
    assert (ends[FIXATION, AT_CROSS], ends[INTERVAL, ELSEWHERE]) == (3, 2)


def test_phases_follow_each_other():
    then = procedure(0.2, CPU)
    assert then.phase.take(event(FIXATION, AT_CROSS)) == FIXATION
    assert then.phase.take(event(FIXATION, AT_CROSS, over=1)) == CHOICE
    assert then.phase.take(event(CHOICE, AT_CROSS)) == CHOICE
    assert then.phase.take(event(CHOICE, AT_LEFT)) == then.phase.take(event(CHOICE, AT_RIGHT, last=1)) == INTERVAL
    assert then.phase.take(event(INTERVAL, AT_LEFT)) == INTERVAL
    assert then.phase.take(event(INTERVAL, AT_LEFT, over=1)) == FIXATION
    assert then.phase.take(event(INTERVAL, AT_LEFT, over=1, last=1)) == OVER
    assert then.phase.take(event(OVER, AT_CROSS, last=1)) == OVER


def test_only_the_end_of_an_interval_begins_a_trial_and_only_a_choice_is_paid():
    then = procedure(0.2, CPU)
    begins, pays, rewarded = (table.nonzero().tolist() for table in (then.begins, then.pays, then.reward))
    assert begins == [[0, 1, INTERVAL, looked_at] for looked_at in range(4)]
    assert {(phase, looked_at) for _, _, phase, looked_at in pays} == {(CHOICE, AT_LEFT), (CHOICE, AT_RIGHT)}
    assert {(over, phase) for _, over, phase, _ in rewarded} == {(1, FIXATION)}
    assert then.side.take(event(CHOICE, AT_LEFT)) == 0
    assert then.side.take(event(CHOICE, AT_RIGHT)) == 1
    assert then.side.take(event(INTERVAL, AT_RIGHT, over=1)) == NONE
    assert bool(then.sets_side.take(event(INTERVAL, AT_RIGHT, over=1)))
    assert not bool(then.sets_side.take(event(INTERVAL, AT_RIGHT, over=1, last=1)))


def test_the_object_chosen_stands_on_the_side_chosen():
    choice1, correct, outcome = results(CPU)
    assert choice1[0].tolist() == [[0, 0], [1, 1]]
    assert choice1[1].tolist() == [[1, 1], [0, 0]]
    assert correct[0].tolist() == [[1, 0], [0, 1]]
    assert outcome[0].tolist() == [[1, -1], [-1, 1]]
    assert choice1[2].unique().tolist() == correct[2].unique().tolist() == [NONE]
    assert outcome[2].unique().tolist() == [0]


def test_objects_are_shown_until_a_step_after_the_choice():
    shown = shown_in_phase(CPU)
    assert shown[1].tolist() == [CROSS, OBJECTS, OBJECTS, NOTHING]
    assert shown[0, INTERVAL] == NOTHING
