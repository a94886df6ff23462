"""A laboratory's own table, in CSV, TSV or Parquet: one row per trial, columns named as in the trial table, or not."""

from pathlib import Path

import pandas as pd

from pfc_metarl.data.codecs.base import Codec, Options, Raw, as_codes
from pfc_metarl.data.codecs.text_files import problems_of, read_table
from pfc_metarl.data.column_mapping import renamed
from pfc_metarl.data.files import replacing
from pfc_metarl.data.memory import PARQUET
from pfc_metarl.settings import BadInput


def read(path: Path, options: Options) -> Raw:
    """Read a table; the columns that `options` names are renamed."""
    names = tuple(options.columns.get(key, key) for key in ("subject", "session"))
    table = read_table(path, names, options.delimiter)
    problems = problems_of(path, table)
    return Raw(as_codes(renamed(table, options.columns, str(path)), options, problems), problems)


def write(table: pd.DataFrame, path: Path) -> None:
    """Write all columns, in the format that the file's name tells.

    Raises
    ------
    BadInput
        If Parquet is asked for and pyarrow is missing.
    """
    with replacing(path) as temporary:
        if path.suffix.lower() not in PARQUET:
            separator = "\t" if path.suffix.lower() == ".tsv" else ","
            table.to_csv(temporary, index=False, sep=separator, lineterminator="\n")
            return
        try:
            table.to_parquet(temporary, index=False)
        except ImportError:
            raise BadInput(f"{path}: writing Parquet needs pyarrow; install it with: pip install pyarrow.") from None


CODEC = Codec(
    "CSV, TSV or Parquet: one row per trial, columns of the trial table, or of other names with columns=", read
)
