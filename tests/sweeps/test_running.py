import threading

from pfc_metarl.sweeps import folder
from pfc_metarl.sweeps.running import OTHER_RUN, carried_out, collected, outcomes


class Shown:
    def __init__(self):
        self.ended = []

    def show(self, outcome):
        self.ended.append(outcome)


def test_failed_cells_are_named_and_noted_and_forgotten_once_they_are_complete(sweep):
    made = sweep()
    token = folder.prepare(made)
    bad = list(made.cells())[1]
    blocked = made.path(bad) / "thesis.tex"
    blocked.parent.mkdir(parents=True)
    blocked.write_text("")
    shown, collection = Shown(), collected(made)
    failed = carried_out(made, outcomes(made, list(made.cells()), None, token, threading.Event()), shown, collection)
    assert list(failed) == [bad.name]
    assert list(folder.errors(made)) == [bad.name]
    assert len(shown.ended) == 4
    assert collected(made).dataset()["status"].values.tolist() == [[1, 2], [1, 1]]
    blocked.unlink()
    assert carried_out(made, outcomes(made, [bad], None, token, threading.Event()), shown, None) == {}
    assert folder.errors(made) == {}
    assert collected(made).dataset()["status"].values.tolist() == [[1, 1], [1, 1]]


def test_a_cell_whose_worker_made_another_run_has_failed(sweep):
    made, other = sweep(), sweep(seed=1)
    cell = next(made.cells())
    for each in outcomes(other, [cell], None, folder.prepare(made), threading.Event()):
        failed = carried_out(made, [each], Shown(), collected(made))
    assert failed == {cell.name: OTHER_RUN}
    assert folder.errors(made) == {cell.name: OTHER_RUN}
