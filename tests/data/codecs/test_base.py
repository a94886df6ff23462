import pandas as pd
import pytest

from pfc_metarl.data.codecs.base import Options, as_codes, require_columns
from pfc_metarl.data.codecs.problems import Problems
from pfc_metarl.settings import BadInput


def test_keys_stand_for_options_of_choices_only():
    problems = Problems("t.csv")
    table = pd.DataFrame({"choice1": ["f", " j ", None], "state2": [0, 1, 0]})
    got = as_codes(table, Options(keys={"f": 0, "j": 1}), problems)
    assert got["choice1"].tolist()[:2] == [0, 1]
    assert got["choice1"].isna().tolist() == [False, False, True]
    assert got["state2"].tolist() == [0, 1, 0]
    assert not problems.found


def test_an_unknown_key_is_noted():
    problems = Problems("t.csv")
    as_codes(pd.DataFrame({"choice1": ["f", "g"]}), Options(keys={"f": 0}), problems)
    assert [(problem.row, problem.value) for problem in problems.found] == [(1, "g")]


def test_the_code_of_a_missing_choice_becomes_an_empty_cell():
    got = as_codes(pd.DataFrame({"choice1": [0, -1], "rt1": [-1, 1]}), Options(missing=-1), Problems("t.csv"))
    assert got["choice1"].isna().tolist() == [False, True]
    assert got["rt1"].tolist() == [-1, 1]


def test_a_column_of_the_format_is_required():
    table = pd.DataFrame({"a": [1]})
    require_columns(table, ["a"], "t.csv", "the format")
    with pytest.raises(BadInput, match=r"t.csv: the format has a column 'b', and there is none; the columns are a\."):
        require_columns(table, ["a", "b"], "t.csv", "the format")
