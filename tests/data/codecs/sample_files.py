"""Small files of trials, and tables as lists."""

import pandas as pd


def lists(table, *columns):
    return [[None if pd.isna(value) else value for value in row] for row in table[list(columns)].values.tolist()]


def text(tmp_path, content, name):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path
