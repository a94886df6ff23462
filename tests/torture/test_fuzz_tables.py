"""Trial tables with columns lost, doubled, renamed, of another kind, rows shuffled: measured, or refused in a sentence.

What is handed in stays as it was, and nothing is warned of.
"""

import contextlib
import inspect
import warnings

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from pfc_metarl import measures
from pfc_metarl.data.trial_table import trials
from pfc_metarl.measures.behaviour.choice import stay_trials
from pfc_metarl.settings import BadInput
from tests.handmade import random_trials
from tests.torture.harness import fuzz

VALUES = (np.nan, np.inf, -1, 0, 1, 2, 0.5, 1e300, "x", "", None, True, pd.NA, pd.NaT, 10**30, [], "0")
COLUMNS = ("subject", "session", "trial", "choice1", "common", "reward", "good_state", "forced", "state2", "nobody")
KINDS = (
    "Int64",
    "float32",
    "object",
    "str",
    "bool",
    "category",
    "complex",
    "datetime64[ns]",
    "Float64",
    "int8",
    "boolean",
)
SEEDS = st.integers(0, 2**32 - 1)


@st.composite
def tables(draw):
    rng = np.random.default_rng(draw(SEEDS))
    sizes = draw(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 12)))
    table = random_trials(rng, *sizes)
    for name in draw(st.lists(st.sampled_from(["good_state", "forced", "state2", "choice2"]), max_size=2)):
        table[name] = rng.integers(-1, 2, len(table))
    for _ in range(draw(st.integers(0, 3))):
        with contextlib.suppress(Exception), warnings.catch_warnings(action="ignore"):
            table = _changed(table, draw(st.sampled_from(sorted(WAYS))), draw, rng)
    return table


def _changed(table, way, draw, rng):
    return WAYS[way](table, draw(st.sampled_from(COLUMNS)), draw(st.sampled_from(VALUES)), draw, rng)


def _set(table, name, value, draw, rng):
    column = table[name].astype(object)
    for row in draw(st.lists(st.integers(0, max(len(table) - 1, 0)), min_size=1, max_size=4)):
        column.iloc[row] = value
    return table.assign(**{name: column if draw(st.booleans()) else column.infer_objects()})


WAYS = {
    "drop": lambda t, name, *_: t.drop(columns=name),
    "set": _set,
    "fill": lambda t, name, value, *_: t.assign(**{name: [value] * len(t)}),
    "kind": lambda t, name, value, draw, rng: t.astype({name: draw(st.sampled_from(KINDS))}),
    "shuffle": lambda t, name, value, draw, rng: t.iloc[rng.permutation(len(t))],
    "double rows": lambda t, *_: pd.concat([t, t.iloc[: len(t) // 2]]),
    "double column": lambda t, name, *_: pd.concat([t, t[[name]]], axis=1),
    "rename": lambda t, name, value, draw, rng: t.rename(columns={name: draw(st.sampled_from(COLUMNS)) or value}),
    "odd names": lambda t, name, value, draw, rng: t.rename(columns={name: value}),
    "two levels": lambda t, name, *_: pd.concat({name: t}, axis=1),
    "index": lambda t, *_: t.set_index("trial", drop=False),
    "other index": lambda t, *_: t.set_axis(["x"] * len(t)),
    "keys as index": lambda t, *_: t.set_index(["subject", "session"]),
    "first rows": lambda t, name, value, draw, rng: t.iloc[: draw(st.integers(0, 4))],
    "transpose": lambda t, *_: t.T,
}


def _of_data_alone(measure):
    """Whether a measure wants nothing but a recording or a trial table."""
    first, *others = inspect.signature(measure).parameters.values()
    return first.name in ("data", "recording", "table") and all(p.default is not p.empty for p in others)


MEASURES = {name: getattr(measures, name) for name in measures.__all__}
READERS = {
    "trials": trials,
    "stay_trials": stay_trials,
    **{name: measure for name, measure in MEASURES.items() if _of_data_alone(measure)},
}


def measured(data, reader):
    """What is wrong with a measure of some data, None if it is taken or refused in a sentence."""
    with warnings.catch_warnings(action="error"):
        try:
            reader(data)
        except BadInput as error:
            return None if str(error) and "\n" not in str(error) else f"not one line: {error!r}"
    return None


def attack(cases, seed, folder=None):
    def check(given):
        table, name = given
        before, names = table.copy(deep=True), list(table.columns)
        wrong = measured(table, READERS[name])
        if wrong:
            return f"{name}, {wrong}"
        return None if table.equals(before) and list(table.columns) == names else f"{name} changed what it was given"

    return fuzz("fuzzed trial tables", st.tuples(tables(), st.sampled_from(sorted(READERS))), check, cases, seed)


def test_any_trial_table_is_measured_or_refused_in_a_sentence():
    assert not attack(300, 0).lost


def test_what_is_no_table_is_refused():
    for thing in (None, 3, "x", [], {}, np.zeros((2, 2)), pd.Series([1])):
        for reader in READERS.values():
            assert measured(thing, reader) is None
