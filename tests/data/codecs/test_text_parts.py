import pandas as pd
import pytest

from pfc_metarl.data.codecs import text_parts
from pfc_metarl.data.codecs.text_files import EMPTY, read_table
from pfc_metarl.data.codecs.text_parts import read_in_parts
from tests.data.codecs.sample_files import text

LAYOUT = {"dtype": {"who": str}, "na_values": EMPTY, "keep_default_na": False, "low_memory": False}
CONTENT = "who,n,x,said\n007,1,1,a\n007,2,2,b\nb,3,,c\nb,4,0.5,d\n007,5,3,e\n"


@pytest.fixture(autouse=True)
def _two_rows_at_once(monkeypatch):
    monkeypatch.setattr(text_parts, "ROWS_OF_PART", 2)


def test_parts_are_the_whole_file_and_names_are_categories(tmp_path):
    path = text(tmp_path, CONTENT, "t.csv")
    found = read_in_parts(path, LAYOUT, ["who"], n_rows=5)
    assert found["who"].dtype == "category"
    assert found["who"].tolist() == ["007", "007", "b", "b", "007"]
    pd.testing.assert_frame_equal(found.drop(columns="who"), pd.read_csv(path, **LAYOUT).drop(columns="who"))


def test_an_empty_name_stays_empty(tmp_path):
    found = read_in_parts(text(tmp_path, "who,n\na,1\n,2\nb,3\n", "t.csv"), LAYOUT, ["who"], n_rows=3)
    assert found["who"].isna().tolist() == [False, True, False]


@pytest.mark.parametrize("column", [["1", "2", "left", "3"], ["1", "2", "True", "False"], ["a", "b", "", ""]])
def test_a_column_whose_parts_differ_in_type_is_what_it_is_in_the_whole_file(tmp_path, column):
    path = text(tmp_path, "\n".join(["n,x", *(f"{n},{x}" for n, x in enumerate(column))]) + "\n", "t.csv")
    assert read_in_parts(path, LAYOUT, [], n_rows=4) is None
    whole = pd.read_csv(path, **LAYOUT)
    pd.testing.assert_frame_equal(read_table(path).reset_index(drop=True), whole)


def test_another_number_of_rows_than_was_counted_is_not_taken(tmp_path):
    path = text(tmp_path, CONTENT, "t.csv")
    assert read_in_parts(path, LAYOUT, ["who"], n_rows=4) is None
    assert read_in_parts(path, LAYOUT, ["who"], n_rows=6) is None
