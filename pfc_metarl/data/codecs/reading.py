"""Trials read from files of any known format, or from public sets that are downloaded, checked row by row."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from pfc_metarl.arguments import argument, path_of
from pfc_metarl.data.codecs import bids, hbayesdm, ibl, jspsych, miller, plain_table, psychopy, public_sets
from pfc_metarl.data.codecs.base import Codec, Options
from pfc_metarl.data.codecs.checking import checked_columns, checked_keys
from pfc_metarl.data.codecs.downloading import downloaded
from pfc_metarl.data.codecs.public_originals import ORIGINALS, original_named
from pfc_metarl.data.table_values import check_table
from pfc_metarl.settings import BadInput, shown

FORMATS: dict[str, Codec] = {
    "table": plain_table.CODEC,
    "hbayesdm": hbayesdm.CODEC,
    "bids": bids.CODEC,
    "ibl": ibl.CODEC,
    "miller": miller.CODEC,
    "jspsych": jspsych.CODEC,
    "psychopy": psychopy.CODEC,
    **{name: public_sets.codec(name) for name in public_sets.SETS},
}
"""Name of each format -> its codec."""

OF_FORMAT = "format"


def read_trials(
    path: str | Path,
    format: str = "table",
    *,
    columns: Mapping[str, str] | None = None,
    keys: Mapping[str, int] | None = None,
    base: int | None = None,
    missing: float | str | None = None,
    rewards: Sequence[float] | str | None = OF_FORMAT,
    reward_unit: float = 1.0,
    n_options: int | None = None,
    consecutive: bool = False,
    delimiter: str | None = None,
) -> pd.DataFrame:
    r"""Read a trial table from a file or a folder.

    Parameters
    ----------
    path : path
        File or folder; or the name of an original in `originals`, such as "hbayesdm:two_step", which is downloaded when
        it is first read and has its own format and rewards.
    format : str
        One of `FORMATS`: "table" for CSV, TSV and Parquet; "hbayesdm", "bids", "ibl", "miller", "jspsych", "psychopy";
        or the name of a public set.
    columns : mapping, optional
        Name in the trial table -> name in the file, such as ``{"subject": "participant", "choice1": "level1"}``.
    keys : mapping, optional
        What stands for an option in the file -> code of the option, such as ``{"f": 0, "j": 1}``.
    base : int, optional
        Code of the first option or state in the file; by default 0, or that of the format.
    missing : number or text, optional
        Code in the file where there was no choice; an empty cell always means that.
    rewards : sequence of float or None
        Possible rewards, in the units of the file; None allows any number. By default those of the format, 0 and 1.
    reward_unit : float
        What counts as one reward in the file: rewards are divided by it.
    n_options : int, optional
        Options of a choice; larger codes in ``choice1`` and ``choice2`` are refused. Where it is not given, a code is
        refused if more than three codes in a row below it are in no row, as of a missing value that nobody named.
    consecutive : bool
        Whether the rows of a session are trials that follow each other: they are numbered 0, 1, 2 and so on, and gaps
        in the numbers of the file mean nothing. Otherwise a trial that is missing from the numbering breaks the
        sequence, in every measure.
    delimiter : str, optional
        Of a text file; by default comma, tab, semicolon or bar, whichever its first line has.

    Returns
    -------
    DataFrame
        As of `pfc_metarl.trials`, in the order of the file; further columns stay. Which rows count in measures is
        decided by the columns ``forced``, ``excluded`` and ``lost``, see `pfc_metarl.data.trial_roles`.

    Raises
    ------
    BadInput
        If the file cannot be read, or values are wrong: with file, row, column and value of the first ones, and the
        number of all.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "people.csv")
    ...     _ = file.write_text("who;n;left_right;coins\n03;1;f;10\n03;2;;0\n03;4;j;0\n")
    ...     names = {"subject": "who", "trial": "n", "choice1": "left_right", "reward": "coins"}
    ...     table = read_trials(file, columns=names, keys={"f": 0, "j": 1}, rewards=(0, 10), reward_unit=10)
    >>> table[["subject", "trial", "choice1", "reward"]].values.tolist()
    [['03', 1, 0, 1.0], ['03', 2, <NA>, 0.0], ['03', 4, 1, 0.0]]
    """
    original = original_named(path)
    if original is not None:
        rewards = original.rewards if isinstance(rewards, str) else rewards
        path, format, reward_unit = downloaded(original), original.format, reward_unit * original.reward_unit
    if format not in FORMATS:
        raise BadInput(f"format = {shown(format)}: must be one of {', '.join(FORMATS)}.")
    if not reward_unit > 0:
        raise BadInput(f"reward_unit = {shown(reward_unit)}: must be a number above 0.")
    if n_options is not None and n_options < 2:
        raise BadInput(f"{argument('n_options', n_options)}: must be at least 2.")
    raw = FORMATS[format].read(path_of(path, "path"), Options(columns or {}, keys or {}, missing, delimiter))
    possible = raw.rewards if isinstance(rewards, str) else rewards
    problems, bases = raw.problems, raw.base if base is None else base
    keyed = [checked_keys(raw.table, problems, consecutive or raw.consecutive)]
    del raw  # of a large file there is room for one copy
    table = checked_columns(keyed.pop(), problems, bases, possible, n_options)
    problems.refuse()
    if "reward" in table:
        table["reward"] = table["reward"] / reward_unit
    first = [name for name in ("subject", "session", "trial") if name in table]
    return check_table(table[[*first, *(name for name in table if name not in first)]].reset_index(drop=True))


def formats() -> dict[str, str]:
    """Return the name of each format that `read_trials` knows, and what it is.

    Examples
    --------
    >>> formats()["miller2022_rats"]
    'public set: six rats, two-step task'
    """
    return {name: codec.about for name, codec in FORMATS.items()}


def originals() -> dict[str, str]:
    """Return the name of each public set that `read_trials` downloads, and what it is.

    Examples
    --------
    >>> originals()["hbayesdm:two_step"]
    'example data of hBayesDM: 11 subjects, two-step task'
    """
    return {name: original.about for name, original in ORIGINALS.items()}
