"""What holds for every measure and fit of a trial table: the same numbers under the same labels, or one sentence.

Measures and fits are found in the registries of the package: a new one that takes `data` is in all of these tests.
"""

import functools
import inspect

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
import xarray as xr

from pfc_metarl import fitting, measures
from pfc_metarl.data.labels import coded
from pfc_metarl.models import RescorlaWagner
from pfc_metarl.settings import BadInput

SUBJECTS, SESSIONS, TRIALS = ("b", "a", "c"), 4, 40

MODEL = RescorlaWagner(inverse_temperature=3.0)
ARGUMENTS = {
    "worth": ("p_reward_0", "p_reward_1"),
    "model": MODEL,
    "free": ["learning_rate", "inverse_temperature"],
    "n_starts": 1,  # what holds of one search holds of more
    "most_rounds": 2,
    "n_folds": 3,
    "n_units": [1],
    "n_inner": 1,
    "most_epochs": 2,
}
"""Values of the arguments that a measure, or a fit, cannot do without."""

CODES = ("choice1", "common", "state2", "good_state", "reward", "correct", "response", "risky_side")
EMPTY_IF_LOST = ("choice1", "response", "correct")

EARNINGS = ("reward_per_trial",)
"""Measures of what the rewards are, not of which trials were rewarded."""

REGRESSIONS = (
    *("allocation", "history_regression", "lagged_regression", "matching"),
    *("cross_validated", "maximum_likelihood", "rescorla_wagner_fit"),
)
"""Measures and fits that estimate something for each subject."""

FROM_REVERSAL = ("choice_around_reversal",)
"""Measures whose trials are counted from a reversal."""

DEAR = ("two_step_comparison", "nuts_fit")
"""Fits that take seconds each; their tests are beside the others of fits."""

OF_GROUPS = ("hierarchical_fit",)
"""Fits in which subjects tell of each other."""

WITH_ROUNDING = (
    *REGRESSIONS,
    "tiny_network_fit",
    "hierarchical_fit",
    "map_fit",
    "stay_regression",
    "log_likelihood",
    "predictions",
)
"""Sums over trials in their order: other measures give equal numbers whatever the order of rows."""

OF_LOST_TRIALS = ("reward_per_trial", "risky_choice")
"""Measures to which a trial without a response is a trial too."""


def _of_tables(function):
    parameters = inspect.signature(function).parameters
    needed = {each.name for each in parameters.values() if each.default is each.empty}
    return "data" in needed <= {"data", *ARGUMENTS}


PUBLIC = {name: getattr(wing, name) for wing in (measures, fitting) for name in wing.__all__}
FUNCTIONS = {name: function for name, function in PUBLIC.items() if name not in DEAR and _of_tables(function)}
FITS = [name for name in fitting.__all__ if name in FUNCTIONS]
NAMES = list(FUNCTIONS)


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def table():
    """Three subjects who learn slowly, in four sessions each."""
    rng = np.random.default_rng(0)
    rows = []
    for place, subject in enumerate(SUBJECTS):
        for session in range(SESSIONS):
            value, p_good = np.full(2, 0.5), rng.choice([0.2, 0.4, 0.6, 0.8])
            for trial in range(TRIALS):
                choice1 = int(rng.random() < 1 / (1 + np.exp(-(1 + place) * (value[1] - value[0]))))
                reward = int(rng.random() < (p_good if choice1 else 1 - p_good))
                value[choice1] += 0.3 * (reward - value[choice1])
                common, good = int(rng.random() < 0.7), int(rng.random() < 0.5)
                rows.append((subject, session, trial, choice1, common, choice1 ^ common ^ 1, good, reward, p_good))
    made = pd.DataFrame(rows, columns=["subject", "session", "trial", *CODES[:5], "p_reward_1"])
    made = made.assign(p_reward_0=1 - made["p_reward_1"], correct=made["reward"], response=made["choice1"])
    return made.assign(risky_side=made["good_state"], steps=1 + made["trial"] % 7)[
        ["subject", "session", "trial", *CODES, "steps", "p_reward_0", "p_reward_1"]
    ]


def as_dataset(result, table):
    """Return a likelihood, and the predictions for each trial, as numbers by subject; other results as they are."""
    labels, codes = coded(table["subject"])
    if isinstance(result, torch.Tensor):
        return xr.Dataset({"log_likelihood": ("subject", result.numpy())}, {"subject": labels})
    if not isinstance(result, pd.DataFrame):
        return result.drop_dims("row", errors="ignore")  # what is told row by row is in the order of the rows
    groups = result.where(result["log_p"].notna()).groupby(codes)
    of_subjects = {f"mean_{name}": groups[name].mean() for name in ("value_0", "p_1", "rpe", "log_p")}
    of_subjects["n_left_out"] = result["log_p"].isna().groupby(codes).sum()
    return xr.Dataset({name: ("subject", values) for name, values in of_subjects.items()}, {"subject": labels})


def measured(name, table, **options):
    """The result of a measure, which leaves the table as it was."""
    before = table.copy(deep=True)
    function = FUNCTIONS[name]
    needed = {key: value for key, value in ARGUMENTS.items() if key in inspect.signature(function).parameters}
    try:
        return as_dataset(function(data=table, **needed, **options), table)
    finally:
        pd.testing.assert_frame_equal(table, before)


@pytest.fixture(scope="module")
def usual(table):
    """The result of a measure for the table as it is, by name."""
    return functools.cache(lambda name: measured(name, table))


def require_same(one, other, labels=None, without=()):
    """Two results hold the same numbers under the same labels; `labels`: those of one -> those of the other."""
    one, other = (result.drop_vars(without, errors="ignore") for result in (one, other))
    if "subject" not in one.dims:
        xr.testing.assert_allclose(other, one, rtol=1e-6)
        return
    labels = labels or {label: label for label in one["subject"].values.tolist()}
    assert set(other["subject"].values.tolist()) >= set(labels.values())
    expected = one.sel(subject=list(labels))
    got = other.sel(subject=list(labels.values())).assign_coords(subject=expected["subject"]).reindex_like(expected)
    for variable, array in expected.items():
        values, known = array.values, got[variable].transpose(*array.dims).values
        if array.dtype.kind in "USO":
            assert (known == values).all(), variable
        else:
            np.testing.assert_allclose(known, values, rtol=1e-6, atol=1e-9, err_msg=str(variable))


def left_out(result):
    """The number of trials that a measure did not use."""
    return int(result["n_left_out"].sum()) if "n_left_out" in result else result.attrs["n_left_out"]


def test_some_measures_are_found(name):
    assert {"reward_per_trial", "allocation", "cumulative_regret", "risky_choice", "second_trial"} <= set(NAMES)


ORDERS = {
    "subjects turned round": lambda t: t.sort_values("subject", kind="stable"),
    "sessions turned round": lambda t: t.sort_values(["session", "trial"], ascending=[False, True], kind="stable"),
    "trial after trial": lambda t: t.sort_values("trial", kind="stable"),
    "another index": lambda t: t.set_axis(np.arange(len(t))[::-1]),
    "one label for all rows": lambda t: t.set_axis(["x"] * len(t)),
    "columns turned round": lambda t: t[["p_reward_0", "p_reward_1", *[n for n in t if "p_reward" not in n][::-1]]],
}


@pytest.mark.parametrize("order", ORDERS)
def test_another_order_of_rows_gives_the_same(name, table, usual, order):
    got = measured(name, ORDERS[order](table))
    require_same(usual(name), got)
    if name not in WITH_ROUNDING:
        for variable, expected in usual(name).items():
            np.testing.assert_array_equal(got[variable].reindex_like(expected).transpose(*expected.dims), expected)


LABELS = {
    "categorical in odd order": (lambda s: pd.Categorical(s, ["c", "unused", "b", "a"]), {}),
    "ordered categorical": (lambda s: pd.Categorical(s, ["b", "c", "a"], ordered=True), {}),
    "string": (lambda s: s.astype("string"), {}),
    "object": (lambda s: s.astype(object), {}),
    "Arrow's text": (lambda s: s.astype("string[pyarrow]"), {}),
    "Arrow's dictionary": (lambda s: as_kind(s, "dictionary of text"), {}),
    "Arrow's numbers": (lambda s: s.map({"a": 30, "b": 4, "c": 5}).astype("int16[pyarrow]"), {"a": 30, "b": 4, "c": 5}),
    "other names": (lambda s: s.map({"a": "z", "b": "y", "c": "x"}), {"a": "z", "b": "y", "c": "x"}),
    "numbers": (lambda s: s.map({"a": 30, "b": 4, "c": 5}), {"a": 30, "b": 4, "c": 5}),
    "nullable numbers": (lambda s: s.map({"a": 3, "b": 2, "c": 1}).astype("Int64"), {"a": 3, "b": 2, "c": 1}),
    "floating point": (lambda s: s.map({"a": 3.0, "b": 2.0, "c": 1.0}), {"a": 3, "b": 2, "c": 1}),
    "categories of numbers": (
        lambda s: pd.Categorical(s.map({"a": 3, "b": 2, "c": 1}), [2, 3, 1]),
        {"a": 3, "b": 2, "c": 1},
    ),
}


@pytest.mark.parametrize("kind", LABELS)
def test_every_label_has_its_own_number(name, table, usual, kind):
    made, labels = LABELS[kind]
    require_same(usual(name), measured(name, table.assign(subject=made(table["subject"]))), labels)


@pytest.mark.parametrize("kind", ["string", "category", "Int64", "float64", "int32[pyarrow]"])
def test_labels_of_sessions_do_not_matter(name, table, usual, kind):
    got = measured(name, table.assign(session=table["session"].astype(kind)))
    expected = usual(name)
    if "session" in expected.coords:
        expected, got = (result.assign_coords(session=np.arange(SESSIONS)) for result in (expected, got))
    require_same(expected, got)


KINDS = (
    *("Int64", "Float64", "boolean", "bool", "int8", "float32", "category", "object", "string"),
    *("int64[pyarrow]", "double[pyarrow]", "bool[pyarrow]", "string[pyarrow]", "dictionary of text"),
)


def as_kind(column, kind):
    """Return a column as a type of pandas, Arrow's among them."""
    if kind.startswith("dictionary"):
        values = pa.array(column.astype(str) if kind.endswith("text") else column).dictionary_encode()
        return pd.Series(pd.arrays.ArrowExtensionArray(values), index=column.index)
    return (column.astype(str) if "string[" in kind else column).astype(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_values_of_every_pandas_type_give_the_same(name, table, usual, kind):
    require_same(usual(name), measured(name, table.assign(**{code: as_kind(table[code], kind) for code in CODES})))


OF_TRIALS = ("Int64", "float64", "category", "object", "int64[pyarrow]", "dictionary of numbers")


@pytest.mark.parametrize("kind", OF_TRIALS)
def test_numbers_of_trials_of_every_pandas_type_give_the_same(name, table, usual, kind):
    require_same(usual(name), measured(name, table.assign(trial=as_kind(table["trial"], kind))))


NO_NUMBERS = {
    "times": pd.to_datetime,
    "Arrow's times": lambda column: pd.to_datetime(column).astype("timestamp[ns][pyarrow]"),
    "durations": pd.to_timedelta,
    "days": lambda column: pd.to_datetime(column).dt.to_period("D"),
    "complex numbers": lambda column: column.astype(complex),
}


@pytest.mark.parametrize("column", ["code", "trial"])
@pytest.mark.parametrize("kind", NO_NUMBERS)
def test_values_that_are_no_numbers_are_refused_in_one_sentence(name, table, kind, column):
    columns = CODES if column == "code" else (column,)
    with pytest.raises(BadInput) as refused:
        measured(name, table.assign(**{each: NO_NUMBERS[kind](table[each]) for each in columns}))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OF_GROUPS])
def test_a_shorter_subject_does_not_change_the_others(name, table, usual):
    ragged = table[(table["subject"] != "c") | ((table["session"] < 3) & (table["trial"] < 25))]
    alone = measured(name, ragged[ragged["subject"] == "c"])
    got = measured(name, ragged)
    if "subject" in got.dims:
        require_same(usual(name), got, {"a": "a", "b": "b"})
        require_same(alone, got, {"c": "c"})


def test_subjects_with_90_60_and_5_trials_have_what_their_trials_allow(name, table, usual):
    place = table.groupby("subject").cumcount()
    got = measured(name, table[place < table["subject"].map({"b": 90, "a": 60, "c": 5})])
    if "subject" not in got.dims:
        return
    assert set(got["subject"].values.tolist()) == set(SUBJECTS)
    for subject in SUBJECTS:
        own, whole = got.sel(subject=subject), usual(name).sel(subject=subject)
        if "valid" in own and own["valid"].dims == () and not own["valid"]:
            assert own["reason"] != ""
        elif subject != "c":
            known = {variable for variable in whole if np.asarray(whole[variable].notnull()).any()}
            without = {variable for variable in known if not np.asarray(own[variable].notnull()).any()}
            assert not without


def test_excluded_trials_count_as_if_they_were_not_there(name, table):
    excluded = table["trial"].isin([20, 27])
    without = ("n_left_out",)
    got, expected = measured(name, table.assign(excluded=excluded)), measured(name, table[~excluded])
    require_same(expected.assign_attrs(n_left_out=0), got.assign_attrs(n_left_out=0), without=without)


def test_a_lost_trial_is_one_without_a_choice(name, table):
    lost = table["trial"].isin([20, 27])
    empty = table.assign(**{column: table[column].where(~lost) for column in EMPTY_IF_LOST})
    expected = measured(name, empty)
    require_same(expected, measured(name, empty.assign(lost=lost)))
    if name not in OF_LOST_TRIALS:
        require_same(expected, measured(name, table.assign(lost=lost)))


FLAGS = {
    "0 and 1": lambda f: f.astype(int),
    "yes and no": lambda f: f.map({True: "yes", False: "no"}),
    "text": lambda f: f.astype(str),
    "nullable": lambda f: f.astype("boolean"),
    "category": lambda f: f.map({True: "True", False: "False"}).astype("category"),
    "empty where it is not": lambda f: f.map({True: 1.0, False: np.nan}),
}


@pytest.fixture(scope="module")
def forced(table):
    return table["trial"] % 7 == 3


@pytest.fixture(scope="module")
def with_forced(table, forced):
    """The result of a measure for the table with some forced trials, by name."""
    return functools.cache(lambda name: measured(name, table.assign(forced=forced)))


@pytest.mark.parametrize("kind", FLAGS)
def test_forced_is_read_in_every_form(name, table, forced, with_forced, kind):
    require_same(with_forced(name), measured(name, table.assign(forced=FLAGS[kind](forced))))


def test_a_forced_choice_is_no_target(name, table, usual):
    """The last choice of a session is not the past of any trial: if it was forced, its value does not matter."""
    last = table["trial"] == TRIALS - 1
    turned = {column: table[column].where(~last, 1 - table[column]) for column in EMPTY_IF_LOST}
    one, other = (measured(name, made.assign(forced=last)) for made in (table, table.assign(**turned)))
    require_same(one, other)
    if name not in (*EARNINGS, "log_likelihood"):
        assert left_out(one) == left_out(usual(name)) + last.sum()


def test_subjects_left_out_are_counted(name, table, usual):
    got = usual(name)
    assert "n_left_out" in got or "n_left_out" in got.attrs or name == "log_likelihood"


@pytest.mark.parametrize("regression", REGRESSIONS)
def test_a_subject_that_cannot_be_fitted_gets_a_reason_and_no_number(table, regression):
    few = table[(table["subject"] != "c") | ((table["session"] == 0) & (table["trial"] == 3))]
    got = measured(regression, few)
    assert got["valid"].sel(subject=["a", "b"]).values.all()
    assert not got["valid"].sel(subject="c")
    assert got["reason"].sel(subject="c") != ""


def test_trials_counted_from_one_give_the_same(name, table, usual):
    got, expected = measured(name, table.assign(trial=table["trial"] + 1)), usual(name)
    if "trial" in got.dims and name not in FROM_REVERSAL:
        got = got.assign_coords(trial=got["trial"] - 1)
    require_same(expected, got)


def test_rewards_mean_the_same_in_other_units_or_are_refused(name, table, usual):
    if name in (*EARNINGS, *FITS):
        pytest.skip("its numbers are in units of reward")
    expected = usual(name)
    require_same(expected, measured(name, table.assign(reward=2 * table["reward"] - 1)))
    points = table.assign(reward=8 * table["reward"] + 1)
    if "rewarded_above" in inspect.signature(FUNCTIONS[name]).parameters:
        with pytest.raises(BadInput, match="give rewarded_above="):
            measured(name, points)
        require_same(expected, measured(name, points, rewarded_above=5))
    else:
        require_same(expected, measured(name, points))


BAD = {
    "no subject": lambda t: t.drop(columns="subject"),
    "no rows": lambda t: t.iloc[:0],
    "a mask": lambda t: t.assign(mask=1),
    "a flag that is none": lambda t: t.assign(forced="perhaps"),
    "rows in disorder": lambda t: t.iloc[::-1],
    "a trial twice": lambda t: t.assign(trial=t["trial"].replace(3, 2)),
    "text": lambda t: t.assign(**dict.fromkeys(CODES, "left")),
    "infinity": lambda t: t.assign(**dict.fromkeys(CODES, np.inf)),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_measured_is_refused_in_one_sentence(name, table, kind):
    with pytest.raises(BadInput) as refused:
        measured(name, BAD[kind](table))
    assert "\n" not in str(refused.value)
