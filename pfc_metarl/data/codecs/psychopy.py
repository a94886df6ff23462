"""Data of PsychoPy, the wide .csv file: one row per turn of a loop.

Peirce et al. 2019, doi:10.3758/s13428-018-01193-y.
"""

from pathlib import Path

import pandas as pd

from pfc_metarl.data.codecs.base import Codec, Options, Raw, as_codes, require_choice
from pfc_metarl.data.codecs.problems import Problems
from pfc_metarl.data.codecs.text_files import joined, labelled, problems_of, read_table
from pfc_metarl.data.column_mapping import renamed
from pfc_metarl.settings import BadInput

NO_RESPONSE = "None"
"""What a keyboard component writes where no key was pressed; online (PsychoJS) the cell is empty."""

NUMBER = ".thisN"
"""How the name of a column ends that numbers the turns of a loop; it is empty in rows outside the loop."""


def read(path: Path, options: Options) -> Raw:
    """Read a file, or every .csv file of a folder.

    ``columns`` must name the column of the choice, such as ``choice1="key_resp.keys"``. A missing response is None in
    it, or an empty cell in a turn of the same loops as a choice; rows of other loops are left out. A column ``.rt``
    beside ``.keys`` becomes ``rt1``.
    """
    require_choice(path, options, "key_resp.keys")
    files = [path] if path.is_file() else sorted(path.glob("*.csv"))
    if not files:
        raise BadInput(f"{path}: there are no .csv files.")
    problems = Problems(str(path))
    tables = [_file(file, options, problems, len(files) > 1) for file in files]
    return Raw(joined(tables, problems), problems, consecutive=True)


def _file(file: Path, options: Options, problems: Problems, is_one_of_several: bool) -> pd.DataFrame:
    choice = options.columns["choice1"]
    rows = read_table(file, ("participant", choice), options.delimiter, keep=(choice,))
    rows = labelled(rows, file, is_one_of_several)
    own = problems_of(file, rows)
    time = f"{choice.removesuffix('.keys')}.rt"
    columns = {**({"rt1": time} if time in rows and "rt1" not in options.columns else {}), **options.columns}
    if "participant" in rows and "subject" not in columns:
        columns["subject"] = "participant"
    table = renamed(rows, columns, str(file))
    if "subject" not in table:
        table = table.assign(subject=file.stem)
    table = table[_is_trial(table)]
    given = table["choice1"].fillna("").str.strip()
    table = table.assign(choice1=table["choice1"].mask(given.isin(["", NO_RESPONSE])))
    table = as_codes(table, options, own)
    problems.found += own.found
    return table


def _is_trial(table: pd.DataFrame) -> pd.Series:
    """Return which rows have a choice, or None, or are turns of the same loops as a row that has."""
    chosen = table["choice1"].fillna("").str.strip() != ""
    numbers = table[[name for name in table if str(name).endswith(NUMBER)]].notna()
    if numbers.empty:
        return chosen
    loops = pd.Series(list(map(tuple, numbers.to_numpy())), index=table.index)
    return chosen | (loops.isin(set(loops[chosen])) & numbers.any(axis=1))


CODEC = Codec(
    "PsychoPy: the wide .csv file, or a folder with one for each subject; columns= names that of the choice", read
)
