"""Trial tables written for other software."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from pfc_metarl.arguments import path_of
from pfc_metarl.data.codecs import bids, hbayesdm, plain_table
from pfc_metarl.data.trial_table import trials
from pfc_metarl.settings import BadInput, shown

WRITERS: dict[str, Callable[[pd.DataFrame, Path], None]] = {
    "table": plain_table.write,
    "hbayesdm": hbayesdm.write,
    "bids": bids.write,
}
"""Name of each format that can be written -> its function."""


def write_trials(table: pd.DataFrame, path: str | Path, format: str = "table") -> None:
    r"""Write a trial table.

    Parameters
    ----------
    table : DataFrame
        Trial table.
    path : path
        File; for "bids" a folder.
    format : {"table", "hbayesdm", "bids"}
        "table" writes all columns, as CSV, as TSV if the name ends in .tsv, as Parquet if it ends in .parquet.
        "hbayesdm" writes the columns and codes of hBayesDM, without forced, lost and excluded trials. "bids" writes a
        dataset of behaviour.

    Raises
    ------
    BadInput
        If there is no such format, the table lacks what it needs, or the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> table = pd.DataFrame({"subject": 1, "session": 0, "trial": [0, 1], "choice1": [0, 1], "reward": [1, 0]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_trials(table, f"{folder}/bandit.txt", "hbayesdm")
    ...     print(Path(folder, "bandit.txt").read_text().replace("\t", " "), end="")
    subjID choice outcome
    1 1 1
    1 2 -1
    """
    if format not in WRITERS:
        raise BadInput(f"format = {shown(format)}: must be one of {', '.join(WRITERS)}.")
    try:
        WRITERS[format](trials(table), path_of(path, "path"))
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}; choose a file that can be written.") from None
