import numpy as np
import pandas as pd
import pytest

from pfc_metarl.data.codecs.problems import MOST_SHOWN, Problems
from pfc_metarl.settings import BadInput

VALUES = pd.Series([0.0, 7.0, np.nan], index=[2, 3, 4])


def test_no_problems_are_not_refused():
    problems = Problems("rats.csv")
    problems.add("reward", VALUES, np.zeros(3, dtype=bool), "must be 0 or 1")
    problems.refuse()


def test_an_empty_cell_is_called_so():
    problems = Problems("rats.csv")
    problems.add("reward", VALUES, VALUES.isna().to_numpy(), "must be 0 or 1")
    with pytest.raises(BadInput, match=r"^rats.csv, row 4: reward = an empty cell must be 0 or 1\.$"):
        problems.refuse()


def test_the_first_kinds_are_described_by_column_and_all_rows_are_counted():
    problems = Problems("rats.csv", "line")
    names = [f"column_{number}" for number in range(MOST_SHOWN + 1)]
    for name in reversed(names):
        problems.add(name, VALUES, np.array([True, True, False]), "is wrong")
    with pytest.raises(BadInput) as refused:
        problems.refuse()
    assert "line 2: column_0 = 0 is wrong (2 such lines)" in str(refused.value)
    assert names[-1] not in str(refused.value)
    assert str(refused.value).endswith(f"{2 * len(names)} problems in all.")
