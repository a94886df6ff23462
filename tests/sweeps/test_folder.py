import json

import pytest

from pfc_metarl.settings import BadInput
from pfc_metarl.sweeps import folder
from pfc_metarl.sweeps.sites import site_of
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


@pytest.mark.parametrize("error", [BadInput, OSError, KeyboardInterrupt])
def test_a_refused_worker_leaves_nothing(sweep, tmp_path, error):
    def refuse(token):
        site_of(tmp_path / "new" / "sweep", token)
        raise error("a worker has another version")

    with pytest.raises(error, match="another version"):
        folder.prepare(sweep(folder="new/sweep"), refuse)
    assert list(tmp_path.iterdir()) == []


def test_a_refused_worker_leaves_a_sweep_as_it_was(sweep):
    def refuse(token):
        site_of(made.folder, token)
        raise BadInput("a worker has another version")

    made = sweep()
    site_of(made.folder, folder.prepare(made))
    before = {path.name: path.read_bytes() for path in made.folder.iterdir()}
    with pytest.raises(BadInput, match="another version"):
        folder.prepare(sweep({"grid": {"learner.discount": [0.5, 0.7], "network.units": [2, 4]}}), refuse)
    assert {path.name: path.read_bytes() for path in made.folder.iterdir()} == before


def test_a_sweep_that_was_killed_while_it_waited_for_workers_begins_again(sweep):
    made = sweep()
    site_of(made.folder, "token")
    assert folder.prepare(made)
    assert folder.is_sweep(made.folder)


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
