import pytest

from pfc_metarl.data.codecs import read_trials
from pfc_metarl.settings import BadInput
from tests.data.codecs.sample_files import lists, text


def test_bids_reads_sessions_and_empty_cells(tmp_path):
    text(
        tmp_path,
        "trial\tchoice1\treward\tresponse_time\n1\t0\t1\t0.5\n2\tn/a\tn/a\tn/a\n",
        "sub-01/ses-b/beh/sub-01_ses-b_task-bandit_beh.tsv",
    )
    text(tmp_path, "trial\tchoice1\treward\tresponse_time\n1\t1\t0\t0.4\n", "sub-02/beh/sub-02_task-bandit_beh.tsv")
    table = read_trials(tmp_path, "bids")
    assert lists(table, "subject", "session", "trial", "choice1", "reward", "rt1") == [
        ["01", "b", 1, 0, 1.0, 0.5],
        ["01", "b", 2, None, None, None],
        ["02", "0", 1, 1, 0.0, 0.4],
    ]


def test_bids_refuses_two_tasks_and_no_files(tmp_path):
    with pytest.raises(BadInput, match="there is no file such as"):
        read_trials(tmp_path, "bids")
    for task in ("x", "y"):
        text(tmp_path, "trial\tchoice1\n1\t0\n", f"sub-1/beh/sub-1_task-{task}_beh.tsv")
    with pytest.raises(BadInput, match="there are tasks x, y"):
        read_trials(tmp_path, "bids")


def test_bids_reads_runs_in_their_order_and_no_derivatives(tmp_path):
    for run in (1, 2, 10):
        name = f"sub-01/func/sub-01_task-bandit_run-{run}_events.tsv"
        text(tmp_path, f"onset\tduration\tchoice1\treward\tlist\n0.5\t1\t0\t1\t{run}\n", name)
        text(tmp_path, "onset\tduration\tchoice1\n0.5\t1\t0\n", f"derivatives/mine/{name}")
    table = read_trials(tmp_path, "bids")
    assert lists(table, "subject", "trial", "list") == [["01", 0, 1], ["01", 1, 2], ["01", 2, 10]]


def test_bids_refuses_two_files_that_may_hold_the_same_trials(tmp_path):
    for kind in ("beh", "events"):
        text(tmp_path, "choice1\treward\n0\t1\n", f"sub-01/beh/sub-01_task-bandit_{kind}.tsv")
    with pytest.raises(BadInput, match=r"sub-01_task-bandit_beh.tsv and .*_events.tsv may hold the same trials"):
        read_trials(tmp_path, "bids")
    assert len(read_trials(tmp_path / "sub-01" / "beh" / "sub-01_task-bandit_beh.tsv", "bids")) == 1
