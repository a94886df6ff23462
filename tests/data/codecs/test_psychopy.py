from pfc_metarl.data.codecs import read_trials
from tests.data.codecs.sample_files import lists, text


def test_psychopy_leaves_out_other_loops_and_reads_no_response(tmp_path):
    header = "practice.thisN,trials.thisN,key_resp.keys,key_resp.rt,won,participant\n"
    path = text(tmp_path, header + "0,,,,,007\n,0,left,0.5,1,007\n,1,None,,0,007\n,2,right,0.4,0,007\n", "007.csv")
    columns = {"choice1": "key_resp.keys", "reward": "won"}
    table = read_trials(path, "psychopy", columns=columns, keys={"left": 0, "right": 1})
    assert lists(table, "subject", "trial", "choice1", "reward", "rt1") == [
        ["007", 0, 0, 1.0, 0.5],
        ["007", 1, None, 0.0, None],
        ["007", 2, 1, 0.0, 0.4],
    ]


def test_an_empty_cell_in_the_loop_of_the_choices_is_a_missing_response_as_online(tmp_path):
    """PsychoJS leaves the cell empty; a turn of the outer loop alone, such as a pause between blocks, is no trial."""
    rows = ["0,0,left,0.5,1", "0,1,,,", "0,,,,", "1,0,right,0.4,0", "1,,,,", ",,,,"]
    header = "blocks.thisN,trials.thisN,key_resp.keys,key_resp.rt,won\n"
    path = text(tmp_path, header + "\n".join(rows) + "\n", "007.csv")
    columns = {"choice1": "key_resp.keys", "reward": "won"}
    table = read_trials(path, "psychopy", columns=columns, keys={"left": 0, "right": 1})
    assert lists(table, "trial", "choice1", "reward") == [[0, 0, 1.0], [1, None, None], [2, 1, 0.0]]


def test_without_numbers_of_loops_rows_with_a_choice_are_trials(tmp_path):
    path = text(tmp_path, "key_resp.keys,won\n0,1\n,\n1,0\n", "007.csv")
    table = read_trials(path, "psychopy", columns={"choice1": "key_resp.keys", "reward": "won"})
    assert lists(table, "trial", "choice1") == [[0, 0], [1, 1]]
