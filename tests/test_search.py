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
    assert "4 draws, halved 1 time, networks: 1, updates: 4, seeds 1100 to 1101." in page
    assert main(words) == 0
    assert (here / "page.md").read_text() == page, "a complete search is not repeated"


def test_a_dry_run_says_how_long_it_takes_and_writes_nothing(here, capsys):
    words = ["mine.py", "--draws", "4", "--rungs", "2", "--updates", "4", "--workers", "2", "--dry-run"]
    assert main([*words, "--random", "learner.discount=0.3:0.9"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("searches/mine/rung_0: 5 cells, 10 networks; less than 1 core-minute, ")
    assert second == "each of the 2 rungs takes about as long: half of the draws, twice as many updates"
    assert [path.name for path in here.iterdir() if path.name != "__pycache__"] == ["mine.py"]


LISTED = """
experiment = "mine.py"
networks = 1
seed = 1003
measured = true
[set]
learner.episodes = 3
[[candidates]]
learner.discount = 0.5
[[candidates]]
network.units = 2
learner.updates = 1
"""


def test_a_listed_search_is_repeated_by_its_file(here, capsys):
    (here / "rates.toml").write_text(LISTED)
    assert main(["--config", "rates.toml", "--workers", "1", "--write", "page.md"]) == 0
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in capsys.readouterr().out.splitlines()]
    assert rows[0] == ["updates", "draw", "discount", "units", "reward", "lowest", "reward per trial, test", "s"]
    assert sorted(tuple(row[:4]) for row in rows[2:]) == [
        ("1", "2", "0.9", "2"),
        ("2", "1", "0.5", "4"),
        ("2", "present", "0.9", "4"),
    ]
    assert [path.name for path in (here / "searches").iterdir()] == ["rates"]
    assert "<!-- listed search rates -->" in (here / "page.md").read_text()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("networks = 2", "experiment: name one"),
        ('experiment = "mine.py"\ncandidates = [3]', "candidates must be tables"),
        (LISTED + "[random]\nlearner.discount = '0.1:0.2'", "candidates are listed or drawn"),
        (LISTED.replace("discount", "patience"), "learner.patience: mine.py has no such setting"),
        (LISTED.replace("true", "3"), "measured must be true or false"),
    ],
)
def test_what_is_no_search_in_a_file_is_refused(here, content, said, capsys):
    (here / "rates.toml").write_text(content)
    assert main(["--config", "rates.toml", "--workers", "1"]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mine.py", "--seed", "3"], "--seed 3: search seeds begin at 1000"),
        (["mine.py", "--draws", "0"], "--draws 0"),
        (["nonsense"], "nonsense"),
        (["mine.py", "--random", "learner.discount"], "--random learner.discount: expected"),
        (["mine.py", "--random", "learner.patience=0:1"], "mine.py has no such setting"),
        (["mine.py", "--write", "."], "--write ."),
        (["mine.py", "--random", "learner.discount=0.5:2.5", "--dry-run"], "should be less than or equal to 1"),
    ],
)
def test_bad_input_is_one_sentence(here, words, said, capsys):
    assert main([*words, "--workers", "1"]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert [path.name for path in here.iterdir() if path.name != "__pycache__"] == ["mine.py"]
