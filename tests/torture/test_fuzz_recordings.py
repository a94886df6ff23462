"""Recordings with variables lost, renamed, reshaped, of another kind, not finite: read, or refused in a sentence."""

import contextlib
import functools
import warnings

import numpy as np
import xarray as xr
from hypothesis import strategies as st

from pfc_metarl.data.dataset import validate
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_TWO_STEP
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TwoStep
from tests.torture.harness import fuzz
from tests.torture.test_fuzz_tables import READERS, SEEDS, VALUES, measured

NAMES = ("action", "reward", "trial", "phase", "rpe", "rpe_model_based", "choice1", "common", "good_state", "nobody")
DIMS = ("network", "episode", "step", "option", "channel", "subject")
KINDS = ("float64", "float16", "int8", "uint8", "bool", "complex64", "object", "str", "datetime64[ns]")
COLUMNS = ("", "=", "choice1", "choice1 = action", "x = nobody at first_stage", "choice1 = action at nowhere",
           "reward = reward at second_stage", "subject = action at first_stage", "choice1 = observation at first_stage",
           "trial = trial at first_stage", "common = policy at first_stage", "\n")  # fmt: skip


@functools.cache
def _recorded(networks, episodes):
    yoked = {name: REFERENCE_AGENTS_TWO_STEP[name] for name in ("model_based", "model_free")}
    options = {"seed": 0, "networks": tuple(range(networks)), "yoked": yoked}
    return record(TwoStep(n_trials=6), REFERENCE_AGENTS_TWO_STEP["model_free"], episodes, **options)


@st.composite
def recordings(draw):
    made = _recorded(draw(st.integers(1, 2)), draw(st.integers(1, 3))).copy(deep=True)
    for _ in range(draw(st.integers(0, 3))):
        way = WAYS[draw(st.sampled_from(sorted(WAYS)))]
        with contextlib.suppress(Exception), warnings.catch_warnings(action="ignore"):
            made = way(made, draw(st.sampled_from(NAMES)), draw(st.sampled_from(VALUES)), draw)
    return made


def _value(made, name, value, draw):
    array = made[name].values.astype(object if draw(st.booleans()) else np.asarray(value).dtype)
    array[np.random.default_rng(draw(SEEDS)).random(array.shape) < 0.1] = value
    return made.assign({name: (made[name].dims, array, made[name].attrs)})


def _number(made, name, value, draw):
    array, number = made[name].values.copy(), draw(st.sampled_from([-128, -5, -1, 0, 1, 2, 99, 127, np.nan, np.inf]))
    array[np.random.default_rng(draw(SEEDS)).random(array.shape) < draw(st.sampled_from([0.05, 1.1]))] = number
    return made.assign({name: (made[name].dims, array, made[name].attrs)})


def _empty(made, name, value, draw):
    return made.isel({draw(st.sampled_from(DIMS)): slice(draw(st.integers(0, 3)))})


def _attribute(made, name, value, draw):
    changed = made.copy(deep=True)
    strings = st.lists(st.sampled_from(COLUMNS), max_size=4)
    changed.attrs["trial_columns"] = draw(strings | st.sampled_from(COLUMNS) | st.sampled_from([3, 0.5, np.zeros(2)]))
    return changed


def _phases(made, name, value, draw):
    changed = made.copy(deep=True)
    names = [["first_stage"], ["second_stage", "first_stage"], "first_stage", 3, [], ["x"] * 300, None, value]
    changed["phase"].attrs["flag_meanings"] = draw(st.sampled_from(names))
    return changed


def _columns(made, name, value, draw):
    changed = made.copy(deep=True)
    kept = list(np.atleast_1d(changed.attrs["trial_columns"]))
    changed.attrs["trial_columns"] = [*kept, *draw(st.lists(st.sampled_from(COLUMNS), max_size=2))][
        draw(st.integers(0, 2)) :
    ]
    return changed


WAYS = {
    "drop": lambda m, name, *_: m.drop_vars(name),
    "rename": lambda m, name, value, draw: m.rename({name: draw(st.sampled_from(NAMES))}),
    "value": _value,
    "number": _number,
    "kind": lambda m, name, value, draw: m.assign({name: m[name].astype(draw(st.sampled_from(KINDS)))}),
    "transpose": lambda m, name, *_: m.assign({name: m[name].transpose()}),
    "one less": lambda m, name, value, draw: m.assign(
        {name: m[name].isel({draw(st.sampled_from(DIMS)): 0}, drop=True)}
    ),
    "one more": lambda m, name, *_: m.assign({name: m[name].expand_dims(more=2, axis=3)}),
    "first": lambda m, name, *_: m.assign({name: m[name].expand_dims(more=2)}),
    "rename dim": lambda m, name, value, draw: m.rename(
        {draw(st.sampled_from(DIMS)): draw(st.sampled_from([*DIMS, "x"]))}
    ),
    "empty": _empty,
    "no attributes": lambda m, *_: m.drop_attrs(),
    "columns": _attribute,
    "more columns": _columns,
    "phases": _phases,
    "coordinates": lambda m, name, value, draw: m.assign_coords(network=[value] * m.sizes["network"]),
    "no coordinates": lambda m, *_: m.drop_vars(list(m.coords)),
    "nothing": lambda *_: xr.Dataset(),
    "names": lambda m, name, value, draw: m.rename({name: value}),
    "scalar": lambda m, name, value, draw: m.assign({name: value}),
}


def attack(cases, seed, folder=None):
    readers = {"validate": validate, **READERS}

    def check(given):
        recording, name = given
        before = recording.copy(deep=True)
        wrong = measured(recording, readers[name])
        if wrong:
            return f"{name}, {wrong}"
        return None if set(recording) == set(before) else f"{name} changed what it was given"

    return fuzz("fuzzed recordings", st.tuples(recordings(), st.sampled_from(sorted(readers))), check, cases, seed)


def test_any_recording_is_measured_or_refused_in_a_sentence():
    assert not attack(300, 0).lost
