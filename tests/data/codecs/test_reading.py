import re

import numpy as np
import pandas as pd
import pytest

from pfc_metarl.data.codecs import FORMATS, formats, read_trials
from pfc_metarl.data.trial_roles import lagged
from pfc_metarl.measures import stay_probability
from pfc_metarl.settings import BadInput

HEADER = "subject,trial,choice1,state2,common,reward"
GOOD = ["a,0,0,0,1,1", "a,1,1,1,1,0", "b,0,1,0,0,1", "b,1,0,0,1,0"]
EXPECTED = [["a", 0, 0, 0, 1, 1.0], ["a", 1, 1, 1, 1, 0.0], ["b", 0, 1, 0, 0, 1.0], ["b", 1, 0, 0, 1, 0.0]]


@pytest.fixture
def write(tmp_path):
    def _write(lines, name="trials.csv", encoding="utf-8", end="\n"):
        path = tmp_path / name
        path.write_bytes((end.join(lines) + end).encode(encoding))
        return path

    return _write


def values(table):
    return table[HEADER.split(",")].values.tolist()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters_line_ends_and_marks_are_read_alike(write, encoding, end, delimiter):
    lines = [line.replace(",", delimiter) for line in [HEADER, *GOOD]]
    assert values(read_trials(write(lines, encoding=encoding, end=end))) == EXPECTED


@pytest.mark.parametrize("dtype", ["category", "string", "Int64", "int64[pyarrow]", "float32"])
def test_parquet_of_any_type_of_column_is_read_alike(tmp_path, dtype):
    table = pd.DataFrame(EXPECTED, columns=HEADER.split(","))
    coded = table[["choice1", "reward"]].astype("Int64")
    table[["choice1", "reward"]] = coded.astype("string" if dtype in ("category", "string") else dtype)
    if dtype == "category":
        table[["choice1", "reward"]] = table[["choice1", "reward"]].astype("category")
    table.to_parquet(tmp_path / "t.parquet")
    assert values(read_trials(tmp_path / "t.parquet")) == EXPECTED


def test_a_leading_zero_stays_part_of_a_name(write):
    table = read_trials(write([HEADER, "03187,0,0,0,1,1", "12,0,1,1,1,0"]))
    assert table["subject"].tolist() == ["03187", "12"]


def test_subjects_that_are_whole_numbers_are_numbers(write):
    assert read_trials(write([HEADER, "10,0,0,0,1,1", "9,0,1,1,1,0"]))["subject"].tolist() == [10, 9]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["a,0,0,0,1,0.7"], "line 2: reward = 0.7 must be 0 or 1"),
        (["a,0,0,0,1,1", "a,1,left,0,1,1"], "line 3: choice1 = left must be a whole number"),
        (["a,0,0,0,2,1"], "line 2: common = 2 must be 1 or 0"),
        (["a,0,1,1,1,1", "a,1,2,1,1,1"], "line 3: choice1 = 2 but no row has 0: if codes start at 1, give base = 1"),
        (["a,0,-9,0,1,1"], "line 2: choice1 = -9 must be 0 or more"),
        (["a,1,0,0,1,1", "a,0,0,0,1,1"], "line 3: trial = 0 is below that of the row before"),
        (["a,0,0,0,1,1", "a,0,0,0,1,1"], "line 3: trial = 0 is there already, in the same session: remove the row"),
        (["a,0,0,0,1,1", "a,1,0,0,1,1", "a,0,0,0,1,1"], "line 4: trial = 0 is there already"),
        ([",0,0,0,1,1"], "line 2: subject = an empty cell must be a name or a number"),
        (["a,,0,0,1,1"], "line 2: trial = an empty cell must be a number"),
        (["a;0;0;0;1;1"], "line 2: this line has 1 field and the first line 6"),
        (["a,0,0,0,1,1", "a,1,0"], "line 3: this line has 3 fields"),
        (["a,0,0,0,1,inf"], "line 2: reward = inf must be a number"),
        (["a,0,0,0,1,1", "a,1,1,9,1,1"], "line 3: state2 = 9 but no row has 1 to 8: give the code of a missing value"),
        (["a,0,0,0,1,1", "a,1,99,1,1,1"], "line 3: choice1 = 99 but no row has 1 to 98"),
    ],
)
def test_the_first_wrong_value_is_named_by_file_line_column_and_value(write, lines, message):
    path = write([HEADER, *lines])
    with pytest.raises(BadInput, match=re.escape(f"{path}, {message}")):
        read_trials(path)


def test_all_problems_are_counted(write):
    lines = [HEADER, "a,0,0,0,1,0.7", "a,1,x,0,1,0.3", "a,2,0,0,1,2", "a,3,y,0,1,1"]
    with pytest.raises(
        BadInput, match=r"choice1 = x .*\(2 such lines\); line 2: reward = 0.7 .*\(3 such.*; 5 problems"
    ):
        read_trials(write(lines))


def test_interleaved_subjects_are_read_in_the_order_of_their_own_trials(write):
    lines = [HEADER, GOOD[0], GOOD[2], GOOD[1], GOOD[3]]
    table = read_trials(write(lines))
    xr_in_order = stay_probability(read_trials(write([HEADER, *GOOD], name="b.csv")))
    assert stay_probability(table).equals(xr_in_order)


def test_a_missing_trial_breaks_the_sequence_unless_rows_are_consecutive(write):
    path = write([HEADER, "a,0,0,0,1,1", "a,1,0,0,1,0", "a,3,1,1,1,1"])
    np.testing.assert_array_equal(lagged(read_trials(path), "reward", 1), [np.nan, 1, np.nan])
    np.testing.assert_array_equal(lagged(read_trials(path, consecutive=True), "reward", 1), [np.nan, 1, 0])


def test_columns_base_missing_and_units_are_as_given(write):
    path = write(["id,n,c,pay", "x,1,1,10", "x,2,-1,0", "x,3,2,0"])
    table = read_trials(
        path, columns={"subject": "id", "trial": "n", "choice1": "c", "reward": "pay"}, base=1, missing=-1,
        rewards=(0, 10), reward_unit=10,
    )  # fmt: skip
    assert table["choice1"].tolist() == [0, pd.NA, 1]
    assert table["reward"].tolist() == [1, 0, 0]


def test_base_0_means_that_no_row_has_the_first_option(write):
    lines = [HEADER, "a,0,1,1,1,1", "a,1,2,1,1,1"]
    assert read_trials(write(lines), base=0)["choice1"].tolist() == [1, 2]


def test_keys_become_codes_and_another_key_is_refused(write):
    lines = ["subject,trial,choice1", "a,0,f", "a,1,j", "a,2,", "a,3,q"]
    with pytest.raises(BadInput, match="line 5: choice1 = q must be f or j"):
        read_trials(write(lines), keys={"f": 0, "j": 1})
    assert read_trials(write(lines[:-1]), keys={"f": 0, "j": 1})["choice1"].tolist() == [0, 1, pd.NA]


def test_rewards_none_allows_any_number(write):
    assert read_trials(write([HEADER, "a,0,0,0,1,-0.7"]), rewards=None)["reward"].tolist() == [-0.7]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "spss"}, "format = 'spss': must be one of table, hbayesdm"),
        ({"columns": {"choice1": "press"}}, r"choice1 = 'press': .* has no such column"),
        ({"columns": {"choice1": "reward", "state2": "reward"}}, "was given more than one name"),
        ({"reward_unit": 0}, "reward_unit = 0: must be a number above 0"),
    ],
)
def test_wrong_options_are_refused(write, options, message):
    with pytest.raises(BadInput, match=message):
        read_trials(write([HEADER, *GOOD]), **options)


@pytest.mark.parametrize("lines", [[""], ["", HEADER]])
def test_a_file_without_names_of_columns_is_refused(write, lines):
    with pytest.raises(BadInput, match="first line must hold the names"):
        read_trials(write(lines))


def test_a_code_of_no_option_is_refused_where_the_number_of_options_is_given(write):
    lines = [HEADER, "a,0,0,0,1,1", "a,1,3,1,1,1", "a,2,99,1,1,1"]
    with pytest.raises(
        BadInput, match=r"line 3: choice1 = 3 must be below 2, as there are 2 options.*\(2 such lines\)"
    ):
        read_trials(write(lines), n_options=2)
    assert read_trials(write(lines), n_options=100)["choice1"].tolist() == [0, 3, 99]
    assert read_trials(write(lines), missing=99)["choice1"].tolist() == [0, 3, pd.NA]
    with pytest.raises(BadInput, match="n_options = 1: must be at least 2"):
        read_trials(write(lines), n_options=1)


def test_spaces_after_delimiters_and_around_names_mean_nothing(write):
    lines = [HEADER.replace(",", ", ") + " ", *(line.replace(",", ", ") for line in GOOD)]
    assert values(read_trials(write(lines))) == EXPECTED
    tabs = [line.replace(",", "\t") for line in [HEADER, "a,0,0,,1,1", *GOOD[1:]]]
    assert read_trials(write(tabs))["state2"].isna().tolist() == [True, False, False, False]


def test_a_file_without_rows_is_refused(write):
    with pytest.raises(BadInput, match=r"trials\.csv: there are no rows"):
        read_trials(write([HEADER]))


def test_text_that_is_not_utf8_is_refused(write):
    with pytest.raises(BadInput, match="is not UTF-8"):
        read_trials(write([HEADER, "ü,0,0,0,1,1"], encoding="latin-1"))


def test_a_file_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(BadInput, match="there is no such file"):
        read_trials(tmp_path / "nothing.csv")


def test_a_folder_in_place_of_a_file_is_refused(tmp_path):
    with pytest.raises(BadInput, match="this is a folder; give a file"):
        read_trials(tmp_path)


def test_every_format_says_what_it_is():
    assert set(formats()) == set(FORMATS)
    assert all(len(about) > 10 for about in formats().values())
