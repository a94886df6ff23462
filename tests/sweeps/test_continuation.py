import threading

import pytest
import xarray as xr

from pfc_metarl.settings import BadInput
from pfc_metarl.sweeps import design, folder
from pfc_metarl.sweeps.building import sweep_of, terms_of
from pfc_metarl.sweeps.continuation import continued, stored
from pfc_metarl.sweeps.running import collected
from pfc_metarl.sweeps.serial import in_this_process


def values(made):
    return {name: list(found) for axis in made.axes for name, found in axis.values.items()}


def after(sweep, first, then, draws=(None, None)):
    """Return the continued sweep, and the settings of the cells that are asked for."""
    folder.prepare(sweep(first, draws=draws[0]))
    made, cells = continued(sweep(then, draws=draws[1]))
    return made, [tuple(cell.settings.values()) for cell in cells]


@pytest.mark.parametrize(
    ("first", "then", "united"),
    [
        ([0.5, 0.9], [0.9], [0.5, 0.9]),
        ([0.5, 0.9], [0.7], [0.5, 0.7, 0.9]),
        ([0.9, 0.5], [0.7], [0.9, 0.5, 0.7]),
        ([0.9], [0.7, 0.9, 0.5], [0.7, 0.9, 0.5]),
    ],
)
def test_values_that_the_folder_has_stay_in_the_design(sweep, first, then, united):
    made, cells = after(sweep, *({"grid": {"learner.discount": each}} for each in (first, then)))
    assert values(made) == {"learner.discount": united}
    assert sorted(cells) == sorted((value,) for value in then)


def test_only_the_combinations_that_are_asked_for_are_made(sweep):
    first = {"grid": {"learner.discount": [0.5, 0.9], "network.units": [2]}}
    then = {"grid": {"learner.discount": [0.5], "network.units": [2, 4]}}
    made, cells = after(sweep, first, then)
    assert made.n_cells == 4
    assert cells == [(0.5, 2), (0.5, 4)]


def test_a_whole_number_is_the_value_that_is_there_as_a_float(sweep):
    made, cells = after(sweep, *({"grid": {"learner.value_cost": each}} for each in ([1.0, 0.5], [1])))
    assert values(made) == {"learner.value_cost": [1.0, 0.5]}
    assert cells == [(1.0,)]


def test_zipped_values_that_are_there_twice_get_a_dimension_of_points(sweep):
    first = {"zip": {"learner.discount": [0.5, 0.9], "network.units": [2, 4]}}
    then = {"zip": {"learner.discount": [0.5], "network.units": [8]}}
    made, cells = after(sweep, first, then)
    assert made.axes[0].dim == "point"
    assert values(made) == {"learner.discount": [0.5, 0.9, 0.5], "network.units": [2, 4, 8]}
    assert cells == [(0.5, 8)]


def test_draws_are_added(sweep):
    designs = {"latin": {"learner.discount": "0.1:0.9"}}
    made, cells = after(sweep, designs, designs, draws=(2, 3))
    assert [axis.dim for axis in made.axes] == ["draw"]
    assert len(made.axes[0]) == 5
    assert len(cells) == 3


def test_settings_that_change_together_are_another_design(sweep):
    both = {"learner.discount": [0.5, 0.9], "network.units": [2, 4]}
    folder.prepare(sweep({"grid": both}))
    with pytest.raises(BadInput, match="settings that are varied"):
        continued(sweep({"zip": both}))


def test_the_whole_design_has_no_more_cells_than_one_sweep(sweep, monkeypatch):
    folder.prepare(sweep({"grid": {"learner.discount": [0.5, 0.6]}}))
    asked = sweep({"grid": {"learner.discount": [0.7, 0.8]}})
    monkeypatch.setattr(design, "MOST_CELLS", 3)
    with pytest.raises(BadInput, match="the design has 4 cells, one sweep has at most 3"):
        continued(asked)


def test_a_sweep_is_read_from_its_folder_alone(tmp_path):
    changes = {"networks": 1, "learner": {"updates": 1}, "probes": {"test": {"episodes": 3}}}
    designs = {"grid": {"task.n_trials": [3, 4]}}
    made = sweep_of("bandit_independent_lstm", changes, designs, tmp_path / "s", terms_of(seed=5, keep="measures"))
    folder.prepare(made)
    read = stored(made.folder)
    assert [cell.name for cell in read.cells()] == [cell.name for cell in made.cells()]
    for one, other in zip(read.cells(), made.cells(), strict=True):
        assert read.source(one).experiment == made.source(other).experiment
    assert read.terms.seed == 5


def test_a_sweep_whose_experiment_was_made_in_python_is_repeated_there(sweep):
    made = sweep()
    folder.prepare(made)
    with pytest.raises(BadInput, match="its experiment experiment was made in Python and is not stored"):
        stored(made.folder)


def test_the_dataset_keeps_the_cells_that_were_made(sweep):
    first = sweep({"grid": {"learner.discount": [0.5, 0.9]}}, keep="measures")
    folder.prepare(first)
    list(in_this_process(first, first.cells(), threading.Event()))
    made, cells = continued(sweep({"grid": {"learner.discount": [0.9]}}, keep="measures"))
    assert [cell.positions for cell in cells] == [(1,)]
    xr.testing.assert_identical(collected(made).dataset(), collected(first).dataset())
