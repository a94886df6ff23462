"""MATLAB files of the rats' two-step task: Miller, Botvinick & Brody 2017, doi:10.1038/nn.4613.

One variable holds a struct for each rat with fields ``sides1`` and ``sides2`` ("l", "r" or "v"), ``rewards``,
``trans_common``, ``new_sess``, ``viols``, ``better_choices`` (NaN where the choice was forced), ``leftprobs`` and
``p_congruent``. The row of a violation is kept and excluded.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
from scipy.io import loadmat

from pfc_metarl.data.codecs.base import Codec, Options, Raw
from pfc_metarl.data.codecs.problems import Problems
from pfc_metarl.data.column_mapping import renamed
from pfc_metarl.data.files import require_file
from pfc_metarl.settings import BadInput

NEEDED = ("ratname", "sides1", "sides2", "rewards", "new_sess")


def read(path: Path, options: Options) -> Raw:
    """Read a MATLAB file of version 5 to 7.3.

    ``state2`` and ``good_state`` are numbered so that choice c commonly leads to state c, whichever side that is. The
    labels of probabilities change one trial early: a reward was drawn with those of the row before.
    """
    rats = list(_rats(path))
    if not rats:
        raise BadInput(f"{path}: no struct with the fields {', '.join(NEEDED)} was found.")
    table = pd.concat([_rat(rat, path) for rat in rats], ignore_index=True)
    return Raw(renamed(table, options.columns, str(path)), Problems(str(path)))


def _rats(path: Path) -> Iterator[dict[str, np.ndarray | str]]:
    require_file(path)
    try:
        if h5py.is_hdf5(path):
            with h5py.File(path, "r") as file:
                yield from _of_hdf5(file)
            return
        found = loadmat(path, simplify_cells=True, chars_as_strings=True)
    except (OSError, ValueError, NotImplementedError) as error:
        raise BadInput(f"{path} cannot be read as a MATLAB file ({str(error).splitlines()[0]}).") from None
    for name, value in found.items():
        if not name.startswith("__"):
            yield from (rat for rat in np.atleast_1d(value) if isinstance(rat, dict) and set(NEEDED) <= set(rat))


def _of_hdf5(file: h5py.File) -> Iterator[dict[str, np.ndarray | str]]:
    """Yield the structs: groups, and groups that cell arrays refer to."""
    groups = [item for name, item in file.items() if isinstance(item, h5py.Group) and name != "#refs#"]
    for item in file.values():
        if isinstance(item, h5py.Dataset) and item.dtype == h5py.ref_dtype:
            groups += [file[reference] for reference in np.ravel(item[()]) if isinstance(file[reference], h5py.Group)]
    for group in groups:
        if set(NEEDED) <= set(group):
            yield {name: _field(item) for name, item in group.items() if isinstance(item, h5py.Dataset)}


def _field(item: h5py.Dataset) -> Any:
    values = np.ravel(item[()])
    return "".join(map(chr, values)) if item.attrs.get("MATLAB_class") == b"char" else values


def _rat(rat: dict[str, Any], path: Path) -> pd.DataFrame:
    sides1, sides2 = (np.array(list("".join(np.ravel(rat[name]).astype(str)))) for name in ("sides1", "sides2"))
    fields = {name: np.ravel(np.asarray(rat[name], dtype=float)) for name in _NUMBERS if name in rat}
    lengths = {name: len(values) for name, values in fields.items() if name != "p_congruent"}
    if set(lengths.values()) | {len(sides2)} != {len(sides1)}:
        raise BadInput(f"{path}: the fields of rat {rat['ratname']} have different numbers of trials.")
    violation = (sides2 == "v") | (sides1 == "v") | (fields.get("viols", np.zeros(len(sides1))) != 0)
    crossed = int(fields.get("p_congruent", np.ones(1))[0] < 0.5)
    choice1 = np.where(np.isin(sides1, ("l", "r")), sides1 == "r", np.nan)
    state2 = np.where(np.isin(sides2, ("l", "r")), (sides2 == "r") ^ bool(crossed), np.nan)
    session = np.cumsum(fields["new_sess"] != 0).clip(min=1)
    table = pd.DataFrame({"subject": str(rat["ratname"]), "session": session, "choice1": choice1, "state2": state2})
    table["trial"] = table.groupby("session").cumcount()
    table["common"] = fields.get("trans_common", np.where(np.isnan(state2), np.nan, state2 == choice1))
    table["reward"] = fields["rewards"]
    table["forced"] = np.isnan(fields["better_choices"]).astype(int) if "better_choices" in fields else 0
    table["excluded"] = violation.astype(int)
    if "leftprobs" in fields:
        right = pd.Series((fields["leftprobs"] <= 0.5).astype(int))
        table["good_state"] = right.groupby(table["session"]).shift(1).fillna(right).astype(int) ^ crossed
    return table


_NUMBERS = ("rewards", "trans_common", "new_sess", "viols", "better_choices", "leftprobs", "p_congruent")

CODEC = Codec("MATLAB file of the rats' two-step task: structs with ratname, sides1, sides2, rewards, new_sess", read)
