"""The command: rungs, the log, what it refuses."""

import pytest

from pfc_metarl.search import main
from tests.test_sweep import FILE


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(FILE)
    return tmp_path


def test_half_of_the_draws_go_on_and_the_log_is_written(here, capsys):
    words = ["mine.py", "--draws", "4", "--rungs", "2", "--networks", "1", "--updates", "4", "--workers", "1"]
    words += ["--random", "learner.discount=0.3:0.9", "--out", "s", "--write", "page.md"]
    assert main(words) == 0
    printed = capsys.readouterr().out
    rows = [line.strip("|").split("|") for line in printed.splitlines()[2:]]
    assert [int(row[0]) for row in rows] == [4] * 3 + [2] * 5
    assert {path.name for path in (here / "s").iterdir()} == {"rung_0", "rung_1"}
    page = (here / "page.md").read_text()
    assert printed.strip() in page
    assert "4 draws, halved 1 times, networks: 1, updates: 4, seeds 1100 to 1101." in page
    assert main(words) == 0
    assert (here / "page.md").read_text() == page, "a complete search is not repeated"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mine.py", "--seed", "3"], "--seed 3: search seeds begin at 1000"),
        (["mine.py", "--draws", "0"], "--draws 0"),
        (["nonsense"], "nonsense"),
        (["mine.py", "--random", "learner.discount"], "--random learner.discount: expected"),
        (["mine.py", "--random", "learner.patience=0:1"], "mine.py has no such setting"),
        (["mine.py", "--write", "."], "--write ."),
    ],
)
def test_bad_input_is_one_sentence(here, words, said, capsys):
    assert main([*words, "--workers", "1"]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert [path.name for path in here.iterdir() if path.name != "__pycache__"] == ["mine.py"]
