import pandas as pd
import pytest

from pfc_metarl.data.codecs.base import Options
from pfc_metarl.data.codecs.plain_table import read, write
from tests.data.codecs.sample_files import text


def test_columns_are_renamed_and_subjects_keep_their_zeros(tmp_path):
    path = text(tmp_path, "who,arm\n007,f\n", "t.csv")
    raw = read(path, Options(columns={"subject": "who", "choice1": "arm"}, keys={"f": 1}))
    assert raw.table.to_dict("list") == {"subject": ["007"], "choice1": [1]}
    assert raw.problems.row_word == "line"


@pytest.mark.parametrize(("name", "start"), [("t.csv", "a,b\n"), ("t.TSV", "a\tb\n")])
def test_the_name_of_the_file_says_the_delimiter(tmp_path, name, start):
    write(pd.DataFrame({"a": [1], "b": [2]}), tmp_path / name)
    assert (tmp_path / name).read_text().startswith(start)
