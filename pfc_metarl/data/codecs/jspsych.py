"""Data of jsPsych, as JSON or CSV: one row per screen, of which those that hold a choice are trials.

De Leeuw 2015, doi:10.3758/s13428-014-0458-y. Response times are in milliseconds there, and in seconds in the trial
table.
"""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from pfc_metarl.data.codecs.base import Codec, Options, Raw, as_codes, require_choice
from pfc_metarl.data.codecs.checking import to_numbers
from pfc_metarl.data.codecs.problems import Problems
from pfc_metarl.data.codecs.text_files import joined, labelled, problems_of, read_table
from pfc_metarl.data.column_mapping import renamed
from pfc_metarl.settings import BadInput

SUBJECT = ("subject", "participant", "subject_id", "participant_id", "PROLIFIC_PID", "workerId", "run_id")
"""Columns that may name the subject, the first that is there; otherwise the file does."""

KINDS = (".json", ".csv", ".txt")
"""How names of files end."""

LIST = "list of screens"
"""Column with the number of the list, of a file that has several."""

MILLISECONDS = 1000.0


def read(path: Path, options: Options) -> Raw:
    """Read a file, or every .json, .csv and .txt file of a folder, one subject each.

    ``columns`` must name the column of the choice, such as ``choice1="response"``; screens where it is empty are left
    out, unless they have a trial's reward, or the same ``task`` as screens with a choice. JATOS puts the screens of
    several people into one .txt file, a list for each.
    """
    require_choice(path, options, "response")
    files = [path] if path.is_file() else sorted(file for kind in KINDS for file in path.glob(f"*{kind}"))
    if not files:
        raise BadInput(f"{path}: there are no files {', '.join(KINDS)}.")
    problems = Problems(str(path))
    tables = [_file(file, options, problems, len(files) > 1) for file in files]
    return Raw(joined(tables, problems), problems, consecutive=True)


def _file(file: Path, options: Options, problems: Problems, is_one_of_several: bool) -> pd.DataFrame:
    is_text = file.suffix.lower() == ".csv"
    screens = read_table(file, SUBJECT, options.delimiter) if is_text else _of_json(file)
    screens = labelled(screens, file, is_one_of_several)
    own = problems_of(file, screens)
    table = renamed(screens, options.columns, str(file))
    if "subject" not in table:
        named = next((name for name in SUBJECT if name in table), None)
        table = table.assign(subject=table[named] if named else table.get(LIST, file.stem))
    table = as_codes(table[_is_trial(table)], options, own).drop(columns=LIST, errors="ignore")
    for name in ("rt", "rt1", "rt2"):
        if name in table:
            seconds, wrong = to_numbers(table[name])
            own.add(name, table[name], wrong, "must be a number of milliseconds")
            table[name] = seconds / MILLISECONDS
    problems.found += own.found
    return table.rename(columns={"rt": "rt1"} if "rt1" not in table else {})


def _is_trial(table: pd.DataFrame) -> pd.Series:
    """Return which screens have a choice, or should have had one."""
    chosen = table["choice1"].notna() & ~table["choice1"].astype(str).str.strip().isin(["", "null", '""'])
    is_trial = chosen.copy()
    if "reward" in table:
        is_trial |= to_numbers(table["reward"])[0].notna()
    if "task" in table:
        is_trial |= table["task"].isin(table["task"][chosen].dropna().astype(str).unique())
    return is_trial


def _of_json(file: Path) -> pd.DataFrame:
    """Read one list of screens, or several, one after another; those of several have the number of theirs."""
    try:
        lists = _lists(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{file} cannot be read as JSON ({str(error).splitlines()[0]}).") from None
    for screens in lists or [None]:
        if not isinstance(screens, list) or not all(isinstance(screen, dict) for screen in screens) or not screens:
            raise BadInput(f"{file}: must be a list of screens, as jsPsych writes it with data.get().json().")
    if len(lists) == 1:
        return pd.DataFrame(lists[0])
    return pd.DataFrame([screen | {LIST: number} for number, own in enumerate(lists, start=1) for screen in own])


def _lists(text: str) -> list[Any]:
    found, decoder = [], json.JSONDecoder()
    while text := text.lstrip():
        content, end = decoder.raw_decode(text)
        found.append(content)
        text = text[end:]
    return found


CODEC = Codec(
    "jsPsych, JATOS: a .json, .csv or .txt file, or a folder of them; columns= names that of the choice", read
)
