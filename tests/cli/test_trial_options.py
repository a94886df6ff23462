import pandas as pd
import pytest

from pfc_metarl.cli.trial_options import read_source, show_formats, trials_parser
from pfc_metarl.settings import BadInput


@pytest.fixture
def file(tmp_path):
    own = {"who": ["a", "a", "b"], "trial": [4, 7, 1], "arm": ["f", "j", "x"], "points": [10, 0, 10]}
    pd.DataFrame(own).to_csv(tmp_path / "t.csv", index=False)
    return str(tmp_path / "t.csv")


def read(*arguments):
    return read_source(trials_parser("measure", "Measure.", "").parse_args(arguments))


def test_every_option_reaches_the_reader(file):
    names = ("--map", "subject=who", "--map", "choice1=arm", "--map", "reward=points")
    codes = ("--key", "f=0", "--key", "j=1", "--missing", "x", "--rewards", "0,10", "--reward-unit", "10")
    got = read(file, *names, *codes, "--consecutive")
    assert got["choice1"].isna().tolist() == [False, False, True]
    assert got["choice1"].tolist()[:2] == [0, 1]
    assert got["reward"].tolist() == [1, 0, 1]
    assert got["trial"].tolist() == [0, 1, 0]
    assert read(file, *names, *codes[:-4], "--rewards", "any")["reward"].tolist() == [10, 0, 10]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "Say which file, folder or run to read"),
        (("t.csv", "--map", "=b"), "--map =b: expected A=B"),
        (("t.csv", "--key", "f=-1"), "--key f=-1: the code of an option is a whole number, from 0"),
        (("t.csv", "--rewards", "0;1"), "--rewards 0;1: expected numbers, as 0,1, or any"),
    ],
)
def test_wrong_options_are_refused_in_a_sentence(options, sentence):
    with pytest.raises(BadInput, match=sentence):
        read(*options)


def test_the_formats_are_shown_one_a_line(capsys):
    show_formats()
    lines = capsys.readouterr().out.splitlines()
    assert "aind_mice: public set: " in "\n".join(lines)
    assert all(": " in line for line in lines)
