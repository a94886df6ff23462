"""Problems of a file of trials: all are counted, the first of each kind is named by file, row, column and value."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from pfc_metarl.settings import BadInput, printable

MOST_SHOWN = 3
"""Kinds of problem that are described; of the others only the number is."""


class Problem(NamedTuple):
    """Values of a column that are wrong for one reason."""

    column: str
    row: object
    """Label of the first row: the line of a text file, or the place in a table."""
    value: str
    must: str
    n: int


class Problems:
    """What is wrong with a table, collected column by column.

    Parameters
    ----------
    source : str
        Name of the file.
    row_word : str
        What a row is called: "line" in text files, "row" elsewhere.

    Examples
    --------
    >>> found = Problems("rats.csv", "line")
    >>> reward = pd.Series([1.0, 0.7, 0.3], index=[2, 3, 4])
    >>> found.add("reward", reward, ~reward.isin([0, 1]).to_numpy(), "must be 0 or 1")
    >>> found.refuse()
    Traceback (most recent call last):
    pfc_metarl.settings.BadInput: rats.csv, line 3: reward = 0.7 must be 0 or 1 (2 such lines).
    """

    def __init__(self, source: str, row_word: str = "row") -> None:
        self.source, self.row_word = source, row_word
        self.found: list[Problem] = []

    def add(self, column: str, values: pd.Series, wrong: np.ndarray, must: str) -> None:
        """Note the values of a column for which `wrong` holds; `must` says what they should be."""
        where = np.flatnonzero(wrong)
        if len(where):
            first = values.iloc[where[0]]
            shown = (
                "an empty cell"
                if pd.isna(first)
                else printable(f"{first:g}" if isinstance(first, float) else f"{first}")
            )
            self.found.append(Problem(column, values.index[where[0]], shown, must, len(where)))

    def refuse(self) -> None:
        """Raise BadInput if anything was noted."""
        if not self.found:
            return
        ordered = sorted(self.found, key=lambda problem: str(problem.column))
        told = "; ".join(self._sentence(problem) for problem in ordered[:MOST_SHOWN])
        n = sum(problem.n for problem in self.found)
        rest = f"; {n} problems in all" if len(self.found) > 1 else ""
        raise BadInput(f"{self.source}, {told}{rest}.")

    def _sentence(self, problem: Problem) -> str:
        such = f" ({problem.n} such {self.row_word}s)" if problem.n > 1 else ""
        return f"{self.row_word} {problem.row}: {problem.column} = {problem.value} {problem.must}{such}"
