import dataclasses

import numpy as np
import pytest
import torch
from PIL import Image

from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import HarlowPixels, check_task
from pfc_metarl.tasks.harlow_tables import CHOICE, FIXATION, INTERVAL, OVER
from pfc_metarl.tasks.pictures import pictures

TASK = HarlowPixels(view=24, picture=9, pixels_per_position=2, eccentricity=3, set_size=5)
CPU = torch.device("cpu")


@pytest.fixture
def state():
    return TASK.begin(torch.rand(1, 4, TASK.n_draws, generator=torch.Generator().manual_seed(0)))


def seen(state, gaze, phase, clock=0):
    values = {"gaze": gaze, "phase": phase, "clock": clock}
    now = state._replace(**{name: torch.full_like(state.gaze, value) for name, value in values.items()})
    return TASK.observe(now)[0].unflatten(-1, (3, 24, 24))


def test_it_keeps_the_contract():
    check_task(TASK)


def test_pictures_stand_left_and_right_of_the_cross(state):
    known, view = pictures("", 10, 9, CPU), seen(state, 0, CHOICE)
    for world in range(4):
        left = int(state.left_object[0, world])
        objects = state.stimuli[0, world]
        torch.testing.assert_close(view[world, :, 7:16, 1:10], known[objects[left]])
        torch.testing.assert_close(view[world, :, 7:16, 13:22], known[objects[1 - left]])


def test_what_is_looked_at_moves_to_the_centre_and_out_of_view(state):
    known, view = pictures("", 10, 9, CPU), seen(state, -3, CHOICE)
    left = state.stimuli.gather(-1, state.left_object.unsqueeze(-1))[0, :, 0]
    torch.testing.assert_close(view[:, :, 7:16, 7:16], known[left])
    torch.testing.assert_close(view[:, :, 7:16, 19:24], known[state.stimuli.sum(-1)[0] - left][..., :5])


@pytest.mark.parametrize(("phase", "clock"), [(FIXATION, 0), (INTERVAL, 1), (OVER, 0)])
def test_pictures_are_seen_only_when_there_is_something_to_choose(state, phase, clock):
    view = seen(state, 0, phase, clock)
    assert torch.equal(view[0, :, 0], view[3, :, 0])
    red = (view[:, 0] == 1) & (view[:, 1] == 0) & (view[:, 2] == 0)
    assert bool(red[:, 11, 11].all()) == (phase == FIXATION)
    assert bool(red.any()) == (phase == FIXATION)
    assert torch.equal(view[0], view[1])


def test_the_panorama_shows_the_heading_and_is_periodic(state):
    views = torch.stack([seen(state, gaze, OVER)[0] for gaze in range(-8, 9)])
    torch.testing.assert_close(views[0][:, 0, 2:], views[1][:, 0, :-2])
    torch.testing.assert_close(views[-1][:, 0, 2:], views[0][:, 0, :-2])  # one step on from the last is the first
    assert len({tuple(view[:, 0, 0].tolist()) for view in views}) == 17


def test_the_two_sets_have_no_picture_in_common():
    noise = torch.rand(1, 2000, TASK.n_draws, generator=torch.Generator().manual_seed(0))
    other = dataclasses.replace(TASK, drawn_from="held_out_set")
    training, held_out = (task.begin(noise).stimuli[0] for task in (TASK, other))
    assert sorted(set(training.flatten().tolist())) == [0, 1, 2, 3, 4]
    assert sorted(set(held_out.flatten().tolist())) == [5, 6, 7, 8, 9]
    assert (training[:, 0] != training[:, 1]).all()
    pairs = training[:, 0] * 5 + training[:, 1]
    assert len(pairs.unique()) == 20


def test_stimuli_can_be_images_of_a_folder(tmp_path):
    for number in range(10):
        Image.fromarray(np.full((5, 7, 3), 20 * number, np.uint8)).save(tmp_path / f"{number}.png")
    check_task(dataclasses.replace(TASK, folder=str(tmp_path)))


@pytest.mark.parametrize("wrong", [{"picture": 30}, {"view": 40}, {"set_size": 1}])
def test_a_wrong_setting_is_refused(wrong):
    with pytest.raises(BadInput, match=r"^HarlowPixels"):
        dataclasses.replace(TASK, **wrong)
