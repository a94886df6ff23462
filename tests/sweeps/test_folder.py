import json

import pytest

from pfc_metarl.settings import BadInput
from pfc_metarl.sweeps import folder
from tests.sweeps.conftest import tiny


def test_the_same_sweep_continues_and_values_may_be_added(sweep):
    first = folder.prepare(sweep())
    assert folder.prepare(sweep()) == first
    longer = sweep({"grid": {"learner.discount": [0.5, 0.7, 0.9], "network.units": [2, 4]}})
    assert folder.prepare(longer) == first
    assert folder.read(longer.folder)["axes"][0]["values"] == {"learner.discount": [0.5, 0.7, 0.9]}


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"seed": 3}, "the sweep there has seed = 0, this call 3"),
        ({"changes": {"task": {"n_trials": 7}}}, "task.n_trials = 5, this call 7"),
        ({"designs": {"grid": {"learner.discount": [0.5]}}}, "settings that are varied"),
        ({"experiments": {"other": tiny()}}, r"experiments = \['experiment'\]"),
        ({"shards": 2}, "shards = 1"),
    ],
)
def test_another_sweep_is_refused(sweep, other, said):
    folder.prepare(sweep())
    with pytest.raises(BadInput, match=said):
        folder.prepare(sweep(**other))


def test_a_folder_with_something_else_is_refused(sweep, tmp_path):
    (tmp_path / "sweep").mkdir()
    (tmp_path / "sweep" / "thesis.tex").write_text("")
    with pytest.raises(BadInput, match="holds no sweep"):
        folder.prepare(sweep())
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="out"):
        folder.prepare(sweep(folder="file/sweep"))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 7}', "\0"])
def test_a_damaged_design_is_refused(tmp_path, content):
    (tmp_path / folder.FILE).write_text(content)
    with pytest.raises(BadInput, match="cannot be read as the design of a sweep"):
        folder.read(tmp_path)


def test_errors_are_kept_until_a_cell_is_complete(sweep):
    made = sweep()
    folder.prepare(made)
    first, second, *_ = made.cells()
    folder.note_error(made, first, "no")
    folder.note_error(made, second, "")
    assert folder.errors(made) == {first.name: "no"}
    folder.note_error(made, first, "")
    assert folder.errors(made) == {}


def test_the_design_says_what_all_cells_have(sweep):
    made = sweep()
    folder.prepare(made)
    content = json.loads((made.folder / folder.FILE).read_text())
    assert content["experiments"]["experiment"]["task"]["n_trials"] == 5
