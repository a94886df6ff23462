import pytest
import torch
from scipy.stats import kstest, norm

from pfc_metarl.agents import Random
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import HarlowObjects, check_task

WAYS = [
    {},
    {"features": "binary"},
    {"features": "binary", "n_features": 1},
    {"drawn_from": "training_set"},
    {"features": "binary", "n_features": 11, "drawn_from": "held_out_set"},
    {"recurring": "one"},
    {"recurring": "one", "features": "binary"},
    {"recurring": "one", "drawn_from": "training_set"},
    {"n_cells": 4, "saccade": 3, "n_positions": 18, "balanced": True},
]


def drawn(task, n=3000):
    """Objects of many problems, [problem, object, feature]."""
    noise = torch.rand(1, n, task.n_draws, generator=torch.Generator().manual_seed(0))
    return task.begin(noise).stimuli[0]


@pytest.mark.parametrize("options", WAYS, ids=str)
def test_every_way_keeps_the_contract(options):
    check_task(HarlowObjects(n_trials=2, max_steps=30, **options))


@pytest.mark.parametrize("options", [*WAYS, {"drawn_from": "held_out_set", "set_size": 2}], ids=str)
def test_the_two_objects_of_a_problem_differ(options):
    first, second = drawn(HarlowObjects(**options)).unbind(1)
    assert (first != second).any(-1).all()


def test_gaussian_features_are_standard_normal_and_binary_ones_signs():
    features = drawn(HarlowObjects(n_features=2)).flatten(1)
    assert all(kstest(feature, norm.cdf).pvalue > 0.001 for feature in features.T)
    assert features.T.corrcoef().fill_diagonal_(0).abs().max() < 0.06  # three standard errors
    signs = drawn(HarlowObjects(features="binary", n_features=3))
    assert set(signs.unique().tolist()) == {-1, 1}
    pairs, counts = signs.flatten(1).unique(dim=0, return_counts=True)
    assert len(pairs) == 8 * 7, "every pair of different objects"
    assert counts.float().std() < 2 * (3000 / 56) ** 0.5
    assert signs.mean((0, 1)).abs().max() < 0.06


def test_fresh_objects_were_never_seen_and_held_out_ones_never_in_training():
    fresh = drawn(HarlowObjects()).flatten(0, 1)
    assert len(fresh.unique(dim=0)) == 6000
    for features in ("gaussian", "binary"):
        sets = [
            drawn(HarlowObjects(features=features, n_features=12, drawn_from=name, set_size=50)).flatten(0, 1)
            for name in ("training_set", "held_out_set")
        ]
        known = [{tuple(row) for row in each.tolist()} for each in sets]
        assert [len(each) for each in known] == [50, 50]
        assert not known[0] & known[1]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"features": "binary", "n_features": 2},
        {"drawn_from": "held_out_set", "set_size": 3},
        {"features": "binary", "n_features": 4, "drawn_from": "training_set", "set_size": 8},
    ],
    ids=str,
)
def test_where_one_object_recurs_the_other_is_drawn_again_in_each_trial(options, live):
    task = HarlowObjects(recurring="one", n_positions=9, max_steps=200, **options)
    state = live(task, Random(), n_episodes=40).state()
    begins = state["trial"][1:] > state["trial"][:-1]
    before, after = state["stimuli"][:-1], state["stimuli"][1:]
    changed = (before != after).any(-1)
    assert begins.sum() > 60
    assert not changed[..., 0].any(), "object 0 recurs"
    assert not changed[..., 1][~begins].any(), "within a trial nothing changes"
    assert (state["stimuli"][..., 0, :] != state["stimuli"][..., 1, :]).any(-1).all()
    if options:
        n_others = {2: 3, 3: 2, 8: 7}[options.get("set_size", options.get("n_features"))]
        repeats = 1 - changed[..., 1][begins].float().mean()
        assert abs(repeats - 1 / n_others) < 3.5 * (1 / n_others / begins.sum()) ** 0.5, "all others alike"
    else:
        assert changed[..., 1][begins].all()
    assert torch.equal(state["good_object"][0], state["good_object"][-1])


def test_where_both_objects_recur_none_is_drawn_again(live):
    state = live(HarlowObjects(n_positions=9), Random(), n_episodes=20).state()
    assert state["trial"].max() > 2
    assert torch.equal(state["stimuli"][0], state["stimuli"][-1])


def seen(task, phase, gaze, clock=0, left_object=0):
    """What a gaze shows: cell -> (cross, features), for the cells that are not empty."""
    state = task.begin(torch.full((1, 1, task.n_draws), 0.4))
    fields = {"phase": task.phase_names.index(phase), "gaze": gaze, "clock": clock, "left_object": left_object}
    objects = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    state = state._replace(**{name: torch.full_like(state.gaze, value) for name, value in fields.items()})
    shown = task.observe(state._replace(stimuli=objects)).unflatten(-1, (task.n_cells, -1))[0, 0]
    offsets = range(-(task.n_cells // 2), task.n_cells)
    return {offset: row.tolist() for offset, row in zip(offsets, shown, strict=False) if row.any()}


TASK = HarlowObjects(n_features=2, n_cells=7, n_positions=12, eccentricity=3)


def test_the_field_shows_the_cross_where_it_is():
    assert seen(TASK, "fixation", gaze=0) == {0: [1, 0, 0]}
    assert seen(TASK, "fixation", gaze=2) == {-2: [1, 0, 0]}
    assert seen(TASK, "fixation", gaze=-3) == {3: [1, 0, 0]}
    assert seen(TASK, "fixation", gaze=4) == {}


def test_the_field_shows_the_objects_where_they_are():
    assert seen(TASK, "choice", gaze=0) == {-3: [0, 1, 2], 3: [0, 3, 4]}
    assert seen(TASK, "choice", gaze=0, left_object=1) == {-3: [0, 3, 4], 3: [0, 1, 2]}
    assert seen(TASK, "choice", gaze=1) == {2: [0, 3, 4]}
    assert seen(TASK, "choice", gaze=-6) == {3: [0, 1, 2], -3: [0, 3, 4]}, "a ring has no back"


def test_the_chosen_object_is_seen_with_its_reward_and_then_nothing():
    assert seen(TASK, "interval", gaze=3) == {0: [0, 3, 4]}
    assert seen(TASK, "interval", gaze=3, clock=1) == {}
    assert seen(TASK, "over", gaze=0) == {}


def test_channels_say_what_is_shown_where():
    names = TASK.channel_names
    assert len(names) == 7 * 3
    assert names[:3] == ("cross_at_-3", "feature_0_at_-3", "feature_1_at_-3")
    assert names[-1] == "feature_1_at_+3"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"n_cells": 18}, "n_cells = 18 must not exceed n_positions = 17"),
        ({"drawn_from": "training_set", "features": "binary"}, "set_size = 1000: two sets"),
        ({"eccentricity": 9}, "eccentricity = 9"),
        ({"n_features": 0}, "n_features"),
    ],
)
def test_invalid_values_are_refused(options, said):
    with pytest.raises(BadInput, match=said):
        HarlowObjects(**options)
