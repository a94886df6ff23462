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
