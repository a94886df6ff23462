"""Data of jsPsych, as JSON or CSV: one row per screen, of which those that hold a choice are trials.

De Leeuw 2015, doi:10.3758/s13428-014-0458-y. Response times are in milliseconds there, and in seconds in the trial
table.
"""

import json
from pathlib import Path

import pandas as pd

from pfc_metarl.data.codecs.base import Codec, Options, Raw, as_codes
from pfc_metarl.data.codecs.checking import to_numbers
from pfc_metarl.data.codecs.problems import Problems
from pfc_metarl.data.codecs.text_files import problems_of, read_table
from pfc_metarl.data.column_mapping import renamed
from pfc_metarl.settings import BadInput

SUBJECT = ("subject", "participant", "subject_id", "participant_id", "PROLIFIC_PID", "workerId", "run_id")
"""Columns that may name the subject, the first that is there; otherwise the file does."""

MILLISECONDS = 1000.0


def read(path: Path, options: Options) -> Raw:
    """Read a file, or every .json and .csv file of a folder, one subject each.

    ``columns`` must name the column of the choice, such as ``choice1="response"``; screens where it is empty are left
    out, unless they have a trial's reward.
    """
    if "choice1" not in options.columns:
        raise BadInput(f'{path}: say which column holds the choice, such as columns={{"choice1": "response"}}.')
    files = [path] if path.is_file() else sorted([*path.glob("*.json"), *path.glob("*.csv")])
    if not files:
        raise BadInput(f"{path}: there are no .json and no .csv files.")
    problems = Problems(str(path))
    tables = [_file(file, options, problems) for file in files]
    return Raw(pd.concat(tables, ignore_index=True), problems, consecutive=True)


def _file(file: Path, options: Options, problems: Problems) -> pd.DataFrame:
    screens = _of_json(file) if file.suffix.lower() == ".json" else read_table(file, SUBJECT, options.delimiter)
    own = problems_of(file, screens)
    table = renamed(screens, options.columns, str(file))
    if "subject" not in table:
        named = next((name for name in SUBJECT if name in table), None)
        table = table.assign(subject=table[named] if named else file.stem)
    blank = table["choice1"].isna() | (table["choice1"].astype(str).str.strip().isin(["", "null", '""']))
    paid = to_numbers(table["reward"])[0].notna() if "reward" in table else pd.Series(False, index=table.index)
    table = as_codes(table[~blank | paid], options, own)
    for name in ("rt", "rt1", "rt2"):
        if name in table:
            seconds, wrong = to_numbers(table[name])
            own.add(name, table[name], wrong, "must be a number of milliseconds")
            table[name] = seconds / MILLISECONDS
    problems.found += own.found
    return table.rename(columns={"rt": "rt1"} if "rt1" not in table else {})


def _of_json(file: Path) -> pd.DataFrame:
    try:
        screens = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{file} cannot be read as JSON ({str(error).splitlines()[0]}).") from None
    if not isinstance(screens, list) or not all(isinstance(screen, dict) for screen in screens) or not screens:
        raise BadInput(f"{file}: must be a list of screens, as jsPsych writes it with data.get().json().")
    return pd.DataFrame(screens)


CODEC = Codec(
    "jsPsych: a .json or .csv file, or a folder with one for each subject; columns= names that of the choice", read
)
