import shutil

import pytest

from pfc_metarl import export, verify
from pfc_metarl.runs.exports import exports, outdated_exports
from pfc_metarl.runs.run import open_run
from pfc_metarl.simulate import main
from tests.handmade import TINY


@pytest.fixture
def exported(tiny_run, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(tiny_run, folder)
    (folder / "notes.csv").write_text("mine\n")
    assert export.main([str(folder)]) == 0
    return folder


def test_a_table_of_the_recording_is_no_problem(exported):
    assert outdated_exports(open_run(exported)) == {}
    assert [path.name for path in exports(exported)] == ["trials.csv"]


def test_a_table_of_a_run_that_was_replaced_is_removed_with_it(exported):
    assert main(["two_step", *TINY, "--quiet", "--seed", "1", "--force", "--out", str(exported)]) == 0
    assert exports(exported) == []
    assert (exported / "notes.csv").exists()


def test_a_table_of_a_recording_that_was_made_again_is_noticed(exported, capsys):
    words = ["two_step", *TINY, "--quiet", "--out", str(exported)]
    assert main([*words, "--set", "probes.test.episodes=5"]) == 0
    assert verify.main([str(exported)]) == 1
    assert "trials.csv: it was made from another version of test.nc; export it again" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 10_000])
def test_an_origin_that_cannot_be_read_is_noticed(exported, text):
    (exported / "trials.csv.json").write_text(text)
    assert list(outdated_exports(open_run(exported))) == ["trials.csv"]
