"""Trials of the International Brain Laboratory: the files ``_ibl_trials.*`` of a session; doi:10.7554/eLife.63711.

A choice of 1 is a clockwise turn of the wheel, which is right for a stimulus on the left: it becomes option 0, left.
A choice of -1 becomes option 1, right, and 0 is no response. Corrected files are in folders such as ``#2025-03-03#``
within that of the session; the latest one counts.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from pfc_metarl.data.codecs.base import Codec, Options, Raw, require_columns
from pfc_metarl.data.codecs.problems import Problems
from pfc_metarl.data.codecs.text_files import read_table
from pfc_metarl.data.column_mapping import renamed
from pfc_metarl.settings import BadInput, counted

PREFIX = "_ibl_trials."

REVISION = re.compile("#.+#")
"""Name of a folder with corrected files of the session whose folder it is in."""

LEFT, RIGHT, NONE = 1, -1, 0

ABOUT = "trials of the International Brain Laboratory"


def read(path: Path, options: Options) -> Raw:
    """Read all sessions in a folder: ``_ibl_trials.table.pqt``, and one array a file, ``_ibl_trials.choice.npy``.

    Subject and session are taken from the path, ``.../<subject>/<date>/<number>/alf``.
    """
    folders = sorted({_of_session(found.parent) for found in path.rglob(f"{PREFIX}*")} | _itself(path))
    if not folders:
        raise BadInput(f"{path}: there are no files {PREFIX}*; give the folder of one or more sessions.")
    problems = Problems(str(path))
    tables = [_session(folder, problems, len(folders) > 1) for folder in folders]
    return Raw(renamed(pd.concat(tables, ignore_index=True), options.columns, str(path)), problems)


def _itself(path: Path) -> set[Path]:
    return {_of_session(path.parent)} if path.is_file() and path.name.startswith(PREFIX) else set()


def _of_session(folder: Path) -> Path:
    """Return the folder of a session, of its own or of one with corrected files."""
    return folder.parent if REVISION.fullmatch(folder.name) else folder


def _files(folder: Path) -> list[Path]:
    """Return the files of a session, those of later revisions after the earlier ones."""
    revisions = sorted(found for found in folder.glob("#*#") if REVISION.fullmatch(found.name))
    return [file for each in (folder, *revisions) for file in sorted(each.glob(f"{PREFIX}*"))]


def _session(folder: Path, problems: Problems, several: bool) -> pd.DataFrame:
    source = str(folder)
    columns = pd.DataFrame(_columns(folder))
    require_columns(columns, ("choice", "feedbackType"), source, ABOUT)
    choice, feedback = columns["choice"], columns["feedbackType"]
    problems.add("choice", choice, ~choice.isin((LEFT, NONE, RIGHT)).to_numpy(), f"must be 1, 0 or -1, in {source}")
    problems.add("feedbackType", feedback, ~feedback.isin((1, -1, 0)).to_numpy(), f"must be 1 or -1, in {source}")
    table = columns.drop(columns=["choice", "feedbackType"]).assign(
        trial=np.arange(len(columns)),
        choice1=choice.map({LEFT: 0, RIGHT: 1}),
        reward=(feedback == 1).astype(float).where(choice != NONE),
        **_keys(folder, several),
    )
    start = next((name for name in ("goCue_times", "stimOn_times") if name in columns), None)
    if start and "response_times" in columns:
        table["rt1"] = (columns["response_times"] - columns[start]).clip(lower=0)
    return table


def _columns(folder: Path) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    for file in _files(folder):
        attribute = file.name.removeprefix(PREFIX).split(".")[0]
        if attribute == "table":
            found |= {str(name): column.to_numpy() for name, column in read_table(file).items()}
        elif file.suffix == ".npy":
            try:
                array = np.load(file, allow_pickle=False)
            except (OSError, ValueError) as error:
                raise BadInput(f"{file} cannot be read as an array ({str(error).splitlines()[0]}).") from None
            if array.ndim == 1:
                found[attribute] = array
    lengths = {name: len(values) for name, values in found.items()}
    if len(set(lengths.values())) > 1:
        short = min(lengths, key=lengths.__getitem__)
        raise BadInput(
            f"{folder}: {PREFIX}{short} has {counted(lengths[short], 'trial')}, others {max(lengths.values())}; "
            "all files of a session must have the same number."
        )
    return found


def _keys(folder: Path, several: bool) -> dict[str, str]:
    """Return subject and session as the path names them; without such names a single session is 0 of subject 0."""
    parts = folder.parts[:-1] if folder.name == "alf" else folder.parts
    named = len(parts) > 2 and parts[-1].isdigit() and parts[-2].count("-") == 2
    if not named and several:
        raise BadInput(f"{folder}: cannot tell subject and session; name the folders SUBJECT/DATE/NUMBER/alf.")
    return {"subject": parts[-3], "session": f"{parts[-2]}_{parts[-1]}"} if named else {"subject": "0", "session": "0"}


CODEC = Codec(
    "International Brain Laboratory: a folder with _ibl_trials.table.pqt or _ibl_trials.choice.npy and others", read
)
