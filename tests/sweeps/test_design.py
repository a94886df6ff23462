import time

import pytest

from pfc_metarl.settings import BadInput
from pfc_metarl.sweeps.design import combined, flattened, grid, n_points, nested, points, short_names, zipped


def test_a_grid_has_every_combination_once():
    axes = combined(grid({"learner.discount": [0.5, 0.7, 0.9], "network.units": [16, 48]}))
    made = [tuple(point.settings.values()) for point in points(axes)]
    assert len(made) == len(set(made)) == n_points(axes) == 6
    assert made[:3] == [(0.5, 16), (0.5, 48), (0.7, 16)]
    assert [point.positions for point in points(axes)][-1] == (2, 1)


def test_a_million_values_of_one_setting_are_refused_at_once():
    start = time.process_time()
    with pytest.raises(BadInput, match=r"the design has 1,000,000 cells"):
        combined(grid({"learner.discount": range(1_000_000)}))
    assert time.process_time() - start < 10


def test_zipped_settings_change_together_beside_a_grid():
    axes = combined(grid({"network.units": [2, 4]}) + zipped({"learner.discount": [0.5, 0.9], "task.n_trials": [3, 5]}))
    pairs = {(point.settings["learner.discount"], point.settings["task.n_trials"]) for point in points(axes)}
    assert pairs == {(0.5, 3), (0.9, 5)}
    assert [axis.dim for axis in axes] == ["units", "discount"]


def test_an_axis_whose_first_setting_repeats_a_value_counts_its_points():
    (axis,) = combined(zipped({"learner.discount": [0.5, 0.5], "task.n_trials": [3, 5]}))
    assert axis.dim == "point"


def test_names_that_end_alike_stay_whole():
    assert short_names(["probes.a.episodes", "probes.b.episodes"])["probes.a.episodes"] == "probes.a.episodes"
    assert short_names(["probes.test.changes.network"]) == {
        "probes.test.changes.network": "probes.test.changes.network"
    }


def test_nested_and_flattened_are_inverse():
    settings = {"learner.discount": 0.7, "learner.updates": 3, "task.p": [1, 2]}
    assert flattened(nested(settings)) == settings


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        (lambda: grid({"learner.discount": []}), "learner.discount: give at least one value"),
        (lambda: grid({"learner.discount": 0.7}), "learner.discount = 0.7: give a list of values"),
        (lambda: grid({"learner.discount": [0.7, 0.7]}), "has the value 0.7 twice"),
        (lambda: zipped({"a.b": [1], "a.c": [1, 2]}), "as many values each, they have a.b 1, a.c 2"),
        (lambda: combined([]), "nothing is varied"),
        (lambda: combined(grid({"lerner.discount": [1]})), "lerner.discount: there is no such setting"),
        (lambda: combined(grid({"task.a": [1]}) + zipped({"task.a": [2]})), "task.a: this setting is varied twice"),
        (lambda: combined(grid({f"task.{name}": range(100) for name in "abc"})), "the design has 1,000,000 cells"),
    ],
)
def test_what_is_no_design_is_refused(axes, said):
    with pytest.raises(BadInput, match=said):
        axes()
