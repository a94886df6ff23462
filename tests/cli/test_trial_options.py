import pandas as pd
import pytest

from pfc_metarl.cli.trial_options import read_source, show_formats, trials_parser
from pfc_metarl.data.codecs import formats
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


def test_every_format_is_shown_with_what_it_is(capsys):
    show_formats()
    said = " ".join(capsys.readouterr().out.split())
    for name, about in formats().items():
        assert f"{name} {about}" in said


@pytest.fixture
def two_steps(tmp_path):
    own = {"subject": "a", "trial": range(5), "choice1": [0, 0, 1, 1, ""], "state2": [1, 0, 0, 1, ""], "reward": 0}
    pd.DataFrame(own).to_csv(tmp_path / "two.csv", index=False)
    return str(tmp_path / "two.csv")


def test_common_transitions_are_those_to_the_state_that_an_option_commonly_leads_to(two_steps):
    assert "common" not in read(two_steps)
    got = read(two_steps, "--common", "0=1", "--common", "1=0")["common"]
    assert got.tolist()[:4] == [1, 0, 1, 0]
    assert got.isna().tolist() == [False] * 4 + [True]


@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        (("0=1",), "--common: say which state option 1 leads to commonly, as --common 1=0"),
        (("0=left", "1=0"), "--common 0=left: the code of an option is a whole number, from 0"),
        (("0",), "--common 0: expected A=B"),
    ],
)
def test_common_transitions_that_are_not_told_are_refused(two_steps, pairs, sentence):
    words = [word for pair in pairs for word in ("--common", pair)]
    with pytest.raises(BadInput, match=sentence):
        read(two_steps, *words)


def test_a_table_without_states_has_no_common_transitions(file):
    with pytest.raises(BadInput, match="--common: the trial table has no column choice1; name it with --map choice1="):
        read(file, "--map", "subject=who", "--map", "reward=points", "--rewards", "any", "--common", "0=0")


def test_a_missing_column_of_common_transitions_names_the_option_that_makes_it(two_steps):
    options = trials_parser("measure", "Measure.", "").parse_args([two_steps])
    with pytest.raises(BadInput, match=r"no column common; .* or give --common K=N"):
        read_source(options, needs=("choice1", "common"))
