import pandas as pd
import pytest

from pfc_metarl.data.codecs.text_files import problems_of, read_table
from pfc_metarl.settings import BadInput
from tests.data.codecs.sample_files import text


def test_the_index_holds_the_lines_of_the_file(tmp_path):
    table = read_table(text(tmp_path, "a,b\n1,2\n3,4\n", "t.csv"))
    assert table.index.tolist() == [2, 3]
    assert problems_of(tmp_path / "t.csv", table).row_word == "line"


def test_names_keep_leading_zeros_and_some_columns_keep_the_word_none(tmp_path):
    table = read_table(text(tmp_path, "id,key\n007,None\n008,NA\n", "t.csv"), names=("id",), keep=("key",))
    assert table["id"].tolist() == ["007", "008"]
    assert table["key"].tolist() == ["None", "NA"]


def test_empty_cells_are_found_in_every_spelling(tmp_path):
    table = read_table(text(tmp_path, "a,b\n1,n/a\n2,\n3,<NA>\n4,5\n", "t.csv"))
    assert table["b"].isna().tolist() == [True, True, True, False]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n1,2,3\n", "line 3: this line has 3 fields and the first line 2"),
        ("a,b\n1;2\n", "line 2: this line has 1 field and the first line 2"),
        ("a,a\n1,2\n", "two columns have the name a"),
        ("", "the first line must hold the names"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path, content, message):
    with pytest.raises(BadInput, match=message) as refused:
        read_table(text(tmp_path, content, "t.csv"))
    assert str(refused.value).count("t.csv") == 1


def test_rows_of_parquet_are_counted_from_0(tmp_path):
    pd.DataFrame({"a": [1, 2]}, index=[5, 6]).to_parquet(tmp_path / "t.parquet")
    table = read_table(tmp_path / "t.parquet")
    assert table.index.tolist() == [0, 1]
    assert problems_of(tmp_path / "t.parquet", table).row_word == "row"
    (tmp_path / "u.parquet").write_bytes(b"no parquet")
    with pytest.raises(BadInput, match="cannot be read as Parquet"):
        read_table(tmp_path / "u.parquet")
