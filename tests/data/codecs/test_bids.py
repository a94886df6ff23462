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
