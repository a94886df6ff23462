from types import SimpleNamespace

import numpy as np
import pytest
import torch

from pfc_metarl.agents import Percept
from pfc_metarl.mechanism.targets import KINDS, Targets, edits, targets
from pfc_metarl.settings import BadInput
from tests.measures.planted import lived

BLANK = torch.zeros(1, 5)


def edited(found, hidden, phase):
    """Every edit of activity at a phase: target, kind, draw, and what is left of hidden and cell."""
    state = SimpleNamespace(phase=phase)
    for *where, edit in edits(found):
        percept = edit(Percept(BLANK, BLANK, BLANK), state)
        yield *where, *(each and each(hidden).numpy() for each in (percept.edit, percept.cell_edit))


def test_what_is_removed_rests_at_its_mean_and_what_is_kept_is_free():
    rng = np.random.default_rng(0)
    centre, units = rng.normal(size=(2, 2, 1, 4)), np.array([[[True, False, False, False]]])
    found = Targets(centre, {"d": rng.normal(size=(2, 3, 2, 1, 4)), "u": [units]}, None)
    hidden = torch.from_numpy(rng.normal(size=(1, 5, 4)))
    made = list(edited(found, hidden, phase=1))
    assert [tuple(each[:3]) for each in made] == [("d", kind, draw) for draw in range(3) for kind in KINDS] + [
        ("u", kind, 0) for kind in KINDS
    ]
    for target, kind, draw, *left_of in made:
        assert (left_of[1] is None) == (target == "u")
        for activity, left in enumerate(left_of[: 1 if target == "u" else 2]):
            axis = np.eye(4)[0] if target == "u" else found.chosen["d"][activity, draw, 1, 0]
            mean = centre[activity, 1]
            rest = np.linalg.svd(axis[None])[2][1:]
            held, free = (axis[None], rest) if kind == "removed" else (rest, axis[None])
            np.testing.assert_allclose((left - mean) @ held.T, 0, atol=1e-12)
            np.testing.assert_allclose((left - mean) @ free.T, (hidden.numpy() - mean) @ free.T)


@pytest.fixture(scope="module")
def planted():
    """Unit 3 encodes which of two options has the higher value; unit 1 is noise of a larger variance."""
    rng = np.random.default_rng(1)
    worth = rng.normal(size=(2, 20, 30, 2))
    better = np.sign(worth[..., 1] - worth[..., 0])
    activity = rng.normal(size=(2, 20, 30, 1, 5))
    activity[..., 0, 3] += 4 * better
    activity[..., 0, 1] *= 3
    made = lived(activity, phases=("choice",))
    dims = ("network", "episode", "step", "option")
    return made.assign(worth=(dims, worth), better=(dims[:3], better), cell=-3 * made["hidden"])


def test_what_encodes_the_variable_is_the_target(planted):
    for variable in ("worth", "better"):
        got = targets(planted, variable, draws=8, units=2, seed=0)
        (direction,) = got.chosen["direction"]
        assert direction.shape == (1, 1, 2, 5)
        np.testing.assert_allclose(abs(direction[..., 3]), 1, atol=0.03)
        assert (direction[..., 3] > 0).all()
        of_units, of_cells = got.chosen["direction, cells too"]
        np.testing.assert_array_equal(of_units, direction)
        np.testing.assert_allclose(of_cells, -direction, rtol=1e-5)
        np.testing.assert_allclose(got.centre[1], -3 * got.centre[0], rtol=1e-5)
        assert got.chosen["top units"][0][0, :, 3].all()
        assert not got.chosen["bottom units"][0][0, :, 3].any()
        along = np.einsum("dpnu,pnu->dpn", got.chosen["random directions"][0], direction[0])
        np.testing.assert_allclose(along, 0, atol=1e-8)
        assert (got.variance_fraction.sel(target="direction") > 0.5).all()


def test_a_displacement_is_as_long_as_a_removal_and_along_another_direction():
    rng = np.random.default_rng(2)
    centre = rng.normal(size=(1, 1, 1, 4))
    axes = np.linalg.qr(rng.normal(size=(4, 4)))[0].T
    chosen = {"direction": [axes[None, None, None, 0]], "random directions": [axes[1:3, None, None]]}
    hidden = torch.from_numpy(rng.normal(size=(1, 5, 4)))
    left = {
        where: after
        for *where, after, _ in ((t, k, d, h, c) for t, k, d, h, c in edited(Targets(centre, chosen, None), hidden, 0))
        for where in [tuple(where)]
    }
    removed = left["direction", "removed", 0] - hidden.numpy()
    assert ("displaced", "kept", 0) not in left
    for draw in (0, 1):
        moved = left["displaced", "removed", draw] - hidden.numpy()
        np.testing.assert_allclose(np.linalg.norm(moved, axis=-1), np.linalg.norm(removed, axis=-1))
        np.testing.assert_allclose(moved @ np.delete(axes, 1 + draw, axis=0).T, 0, atol=1e-12)


def test_the_direction_beyond_choice_shows_no_choice(planted):
    """Unit 0 encodes the choice, which follows the better option in three of four trials."""
    rng = np.random.default_rng(3)
    better = planted["better"].values
    action = np.where(rng.random(better.shape) < 0.75, better > 0, better < 0).astype(int)
    hidden = planted["hidden"].values.copy()
    hidden[..., 0] += 4 * action
    made = planted.assign(action=(planted["better"].dims, action), hidden=(planted["hidden"].dims, hidden))
    got = targets(made, "better", draws=4, units=1, seed=0, choice="choice").chosen
    choice, beyond = got["choice direction"][0][0, 0], got["direction beyond choice"][0][0, 0]
    within = [
        hidden[n, action[n] == side][better[n, action[n] == side] > 0].mean(0)
        - hidden[n, action[n] == side][better[n, action[n] == side] < 0].mean(0)
        for n in (0, 1)
        for side in (0, 1)
    ]
    for own, along, both in zip(beyond, choice, np.reshape(within, (2, 2, -1)).mean(1), strict=True):
        rest = both - both @ along * along
        np.testing.assert_allclose(own, rest / np.linalg.norm(rest), atol=1e-6)
    assert (abs(got["direction"][0][0, 0] * choice).sum(-1) > 0.3).all(), "the direction itself shows the choice"
    drawn = got["random beyond choice"][0][:, 0]
    for each in (choice, beyond):
        np.testing.assert_allclose((drawn * each).sum(-1), 0, atol=1e-8)
    variance = ((hidden.reshape(2, -1, 5) - hidden.reshape(2, -1, 5).mean(1, keepdims=True)) @ beyond[..., None]).var(
        (1, 2)
    )
    along = np.einsum("dnu,ntu->dnt", drawn, hidden.reshape(2, -1, 5)).var(-1)
    np.testing.assert_allclose(along, np.broadcast_to(variance, along.shape), rtol=1e-4)


def test_random_units_do_not_depend_on_the_variable(planted):
    shuffled = planted.assign(worth=planted["worth"].copy(data=planted["worth"].values[:, ::-1]))
    pair = [targets(made, "worth", 30, 2, seed=0).chosen for made in (planted, shuffled)]
    drawn, other = (each["random units"][0] for each in pair)
    np.testing.assert_array_equal(drawn, other)
    assert (drawn.sum(-1) == 2).all()
    assert (drawn.mean(0) > 0.1).all(), "every unit is drawn now and then"
    assert not np.array_equal(drawn[:, 0], drawn[:, 1]), "networks have draws of their own"


def test_units_without_cells_have_no_targets_there(planted):
    got = targets(planted.drop_vars("cell"), "better", draws=1, units=1, seed=0)
    assert list(got.chosen) == ["direction", "random directions", "top units", "bottom units", "random units"]


def test_more_than_half_of_the_units_are_refused(planted):
    with pytest.raises(BadInput, match="units = 3: the network has 5 units; give at most half"):
        targets(planted, "better", 1, 3, seed=0)
