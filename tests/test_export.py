import json

import pandas as pd

from pfc_metarl.data.dataset import open_recording
from pfc_metarl.data.trial_table import trials
from pfc_metarl.export import export_trials, main

HEADER = ["subject", "session", "trial", "choice1", "state2", "common", "reward", "good_state", "lost"]


def test_export_writes_the_trial_table(tiny_run, tmp_path, capsys):
    path = tmp_path / "new" / "trials.csv"
    assert main([str(tiny_run), "--to", "csv", "--out", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}\n"
    table = pd.read_csv(path)
    assert list(table) == HEADER
    assert len(table) == 2 * 4 * 10
    origin = json.loads(path.with_name("trials.csv.json").read_text())
    assert {"probe", "sha256_of_recording", "experiment", "seed", "settings", "provenance"} == set(origin)
    assert (origin["probe"], origin["experiment"]) == ("test", "two_step")
    original = trials(open_recording(tiny_run / "test.nc"))
    for name in HEADER:
        assert table[name].tolist() == original[name].tolist()


def test_another_probe_can_be_exported(tiny_run, tmp_path):
    path = export_trials(tiny_run, "test_model_free", tmp_path / "reference_agent.csv")
    original = trials(open_recording(tiny_run / "test_model_free.nc"))
    assert pd.read_csv(path)["choice1"].tolist() == original["choice1"].tolist()


def test_by_default_the_table_is_in_the_run(tiny_run, tmp_path, capsys):
    for name in ("run.json", "test.nc"):
        (tmp_path / name).write_bytes((tiny_run / name).read_bytes())
    assert main([str(tmp_path)]) == 0
    assert (tmp_path / "trials.csv").is_file()
