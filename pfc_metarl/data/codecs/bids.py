"""Behaviour in the Brain Imaging Data Structure: files ``sub-*/[ses-*/]beh/*_beh.tsv`` or ``*_events.tsv``.

The specification is at bids-specification.readthedocs.io; Gorgolewski et al. 2016, doi:10.1038/sdata.2016.44. An empty
cell is written n/a. What a column means is up to the laboratory, so that columns must be named, unless they have the
names of the trial table.
"""

import json
import re
from pathlib import Path

import pandas as pd

from pfc_metarl.data.codecs.base import Codec, Options, Raw, as_codes
from pfc_metarl.data.codecs.problems import Problems
from pfc_metarl.data.codecs.text_files import joined, labelled, read_table
from pfc_metarl.data.column_mapping import renamed
from pfc_metarl.data.files import write_json
from pfc_metarl.settings import BadInput

FILE = re.compile(
    r"(?P<run>sub-(?P<subject>[^_]+)(_ses-(?P<session>[^_]+))?(_task-(?P<task>[^_]+))?.*)_(?P<kind>beh|events)\.tsv"
)

NOT_RAW = ("derivatives", "sourcedata", "code")
"""Folders of a dataset that hold something else than its data."""

VERSION = "1.10.0"


def read(path: Path, options: Options) -> Raw:
    """Read all files of behaviour in a dataset, or one; runs of a session follow each other.

    Without a column of trial numbers the rows of a file are trials that follow each other.
    """
    files = [path] if path.is_file() else _files(path)
    found = [(file, match) for file in files if (match := FILE.fullmatch(file.name))]
    if not found:
        raise BadInput(f"{path}: there is no file such as sub-01/beh/sub-01_task-twostep_beh.tsv.")
    tasks = sorted({match["task"] or "" for _, match in found})
    if len(tasks) > 1:
        raise BadInput(
            f"{path}: there are tasks {', '.join(tasks)}; give the files of one, such as FOLDER/sub-01/beh/FILE."
        )
    _require_one_file_each(path, found)
    problems = Problems(str(path))
    several = len(found) > 1
    tables = [_file(file, match["subject"], match["session"], options, several) for file, match in found]
    table = joined(tables, problems)
    return Raw(as_codes(table, options, problems), problems, consecutive="trial" not in table)


def _files(folder: Path) -> list[Path]:
    """Return the files of behaviour of a dataset; run-2 comes before run-10."""
    found = (file for file in folder.rglob("sub-*.tsv") if FILE.fullmatch(file.name))
    raw = [file for file in found if not set(file.relative_to(folder).parts) & set(NOT_RAW)]
    return sorted(raw, key=lambda file: [int(p) if p.isdecimal() else p for p in re.split(r"(\d+)", str(file))])


def _require_one_file_each(path: Path, found: list[tuple[Path, re.Match[str]]]) -> None:
    """Refuse two files of one run, such as those of two recordings, which may hold the same trials."""
    first: dict[str, Path] = {}
    for file, match in found:
        other = first.setdefault(match["run"], file)
        if other is not file:
            raise BadInput(
                f"{path}: {other.relative_to(path)} and {file.relative_to(path)} may hold the same trials; give a "
                "folder, or a file, with one of them."
            )


def _file(file: Path, subject: str, session: str | None, options: Options, several: bool) -> pd.DataFrame:
    table = renamed(labelled(read_table(file, delimiter="\t"), file, several), options.columns, str(file))
    if "rt1" not in table and "response_time" in table:
        table = table.rename(columns={"response_time": "rt1"})
    return table.assign(subject=subject, session=session or 0)


def write(table: pd.DataFrame, folder: Path, task: str = "task") -> None:
    """Write a trial table as a dataset: a file for each session, descriptions of the columns, and the participants.

    Raises
    ------
    BadInput
        If a label of a subject or session, or the name of the task, has other characters than letters and numbers.
    """
    for name, labels in (("subject", table["subject"]), ("session", table["session"]), ("task", [task])):
        for label in pd.unique(pd.Series(labels)):
            if not re.fullmatch("[0-9a-zA-Z]+", str(label)):
                raise BadInput(f"{name} = {str(label)!r}: a label of BIDS has letters and numbers only; rename it.")
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "dataset_description.json", {"Name": task, "BIDSVersion": VERSION, "DatasetType": "raw"})
    subjects = pd.unique(table["subject"].astype(str))
    _write_tsv(
        pd.DataFrame({"participant_id": [f"sub-{subject}" for subject in subjects]}), folder / "participants.tsv"
    )
    write_json(
        folder / f"task-{task}_beh.json",
        {name: {"Description": DESCRIPTIONS[name]} for name in table if name in DESCRIPTIONS},
    )
    for (subject, session), own in table.groupby(["subject", "session"], sort=False, observed=True):
        name = f"sub-{subject}_ses-{session}_task-{task}_beh.tsv"
        _write_tsv(
            own.drop(columns=["subject", "session"]), folder / f"sub-{subject}" / f"ses-{session}" / "beh" / name
        )


def _write_tsv(table: pd.DataFrame, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(file, sep="\t", index=False, na_rep="n/a", lineterminator="\n")


def described(folder: Path) -> dict[str, str]:
    """Return what the columns of a dataset that `write` made mean."""
    (file,) = folder.glob("task-*_beh.json")
    return {name: entry["Description"] for name, entry in json.loads(file.read_text(encoding="utf-8")).items()}


DESCRIPTIONS = {
    "trial": "Number of the trial in its session",
    "choice1": "Option chosen first, from 0",
    "choice2": "Option chosen at the second stage, from 0",
    "state2": "State reached at the second stage, from 0",
    "common": "1 after a common transition, 0 after a rare one",
    "reward": "Reward of the trial",
    "rt1": "Response time of the first choice, in seconds",
    "rt2": "Response time of the second choice, in seconds",
    "forced": "1 if only one option was offered",
    "excluded": "1 if the trial must not count",
    "lost": "1 if a response is missing",
}

CODEC = Codec("BIDS behaviour: a dataset with files sub-*_beh.tsv or sub-*_events.tsv, or one such file", read)
