import shutil

import pytest

from pfc_metarl.report import main, report
from pfc_metarl.settings import BadInput
from pfc_metarl.verify import main as verify


def test_a_report_is_made_again(tiny_run, tmp_path, capsys):
    out = tmp_path / "page.html"
    assert main([str(tiny_run), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    assert "Headline measures" in out.read_text(encoding="utf-8")


def test_several_runs_make_one_page(tiny_run, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(tiny_run, tmp_path / "other")
    assert main([str(tiny_run), "other"]) == 0
    assert capsys.readouterr().out == "comparison.html\n"
    assert "Settings that differ" in (tmp_path / "comparison.html").read_text(encoding="utf-8")


def test_the_command_prints_what_the_nulls_reach(tiny_run, tmp_path, capsys):
    shutil.copytree(tiny_run, tmp_path / "run")
    assert main([str(tmp_path / "run"), "--nulls"]) == 0
    assert "reward per trial: 95 % of model free reach at most 0." in capsys.readouterr().out


def test_nulls_are_measured_on_demand_and_shown_from_then_on(tiny_run, tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(tiny_run, copy)
    limit = "model free (95 % limit 0."
    assert limit not in report(copy).read_text(encoding="utf-8")
    assert limit in report(copy, with_nulls=True, out=tmp_path / "page.html").read_text(encoding="utf-8")
    assert limit in report(copy).read_text(encoding="utf-8")
    assert verify([str(copy)]) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "nowhere: this is not a run directory, there is no such folder"),
        ([], "required: RUN"),
        (["a", "b", "--nulls"], "one run directory"),
        (["a", "b", "b/../a"], "a: this run is given twice"),
    ],
)
def test_bad_input_is_one_sentence(arguments, said, capsys):
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_page_that_cannot_be_written_is_one_sentence(tiny_run, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main([str(tiny_run), "--out", str(tmp_path / "file" / "page.html")]) == 2
    assert "choose a file that can be written" in capsys.readouterr().err


def test_an_experiment_that_is_gone_leaves_a_report_without_conditions(tiny_run, tmp_path, monkeypatch, capsys):
    def gone(run):
        raise BadInput("its experiment was made in Python.")

    monkeypatch.setattr("pfc_metarl.execution.simulation.experiment_of", gone)
    assert main([str(tiny_run), "--out", str(tmp_path / "page.html")]) == 0
    assert "names no nulls" in capsys.readouterr().err
    with pytest.raises(BadInput, match="made in Python"):
        report(tiny_run, with_nulls=True)
