"""What holds for every public measure of a recording: labels decide, networks are independent, inputs stay as they are.

`CALLS` says how each is called; a measure without an entry fails `test_every_measure_has_an_entry`.
"""

import dataclasses
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import xarray as xr

from pfc_metarl import measures
from pfc_metarl.data.example import example_recording, volatility_example
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_INFERRED_VALUE, REFERENCE_AGENTS_TWO_STEP
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import InferredValue, TwoStep

NETWORKS = [0, 3, 7]
ARRAYS = ("recording", "data", "of_trial")
"""First parameters: recordings, trial tables (which other tests are about) and arrays of trials."""


@functools.cache
def example(seed: int = 0) -> xr.Dataset:
    """Activity with known signals, 24 episodes."""
    made = example_recording(n_networks=3, n_episodes=24, n_trials=12, seed=seed).assign_coords(network=NETWORKS)
    values = made["value"].expand_dims(option=["left", "right"], axis=-1) * [0.5, -0.5]
    rpe = made["reward"] - made["value"]
    yoked = {"rpe": rpe, "rpe_model_based": rpe + made["action"], "rpe_model_free": made["reward"] * 1.0}
    return made.assign(action_value_model_free=values, **yoked)


@functools.cache
def volatility() -> xr.Dataset:
    """A recording with one phase, in whose episodes stable and volatile trials come in either order."""
    return volatility_example(n_networks=3, n_episodes=24, n_trials=12).assign_coords(network=NETWORKS)


@functools.cache
def two_step() -> xr.Dataset:
    """The two-step task, with two learners yoked to an agent that chooses at random, and units that are noise."""
    yoked = {name: REFERENCE_AGENTS_TWO_STEP[name] for name in ("model_based", "model_free")}
    random = REFERENCE_AGENTS_TWO_STEP["random"]
    made = record(TwoStep(n_trials=40), random, n_episodes=24, seed=0, networks=tuple(NETWORKS), yoked=yoked)
    hidden = np.random.default_rng(0).normal(size=(*made["action"].shape, 3))
    return made.assign(hidden=(("network", "episode", "step", "unit"), hidden))


@functools.cache
def reversals() -> xr.Dataset:
    """The task of inferred values, with the ideal observer."""
    observer = REFERENCE_AGENTS_INFERRED_VALUE["reversal_observer"]
    return record(InferredValue(), observer, n_episodes=8, seed=0, networks=tuple(NETWORKS))


def choice(recording: xr.Dataset) -> xr.DataArray:
    return trial_view(recording, "action", "choice")


def factors(recording: xr.Dataset) -> dict[str, xr.DataArray]:
    return {"choice": choice(recording), "reward": trial_view(recording, "reward", "outcome")}


def directions(recording: xr.Dataset) -> xr.DataArray:
    """A direction for each network, by its label."""
    units = np.random.default_rng(0).normal(size=(8, 1, recording.sizes["unit"]))[recording["network"].values]
    coords = {"subject": recording["network"].values, "unit": recording["unit"].values}
    return xr.DataArray(units, coords, ("subject", "direction", "unit"))


def means(recording: xr.Dataset) -> xr.DataArray:
    return measures.condition_means(recording, factors(recording), "outcome")["activity"]


@dataclasses.dataclass(frozen=True)
class Call:
    """How a measure is called on a recording; `beside` are arrays that are labelled by network."""

    recording: Callable[[], xr.Dataset] = example
    beside: Callable[[xr.Dataset], dict[str, Any]] = lambda recording: {}
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    first: Callable[[xr.Dataset], Any] = lambda recording: recording
    """What is made of the recording and given as the first argument."""
    by_trial: bool = False
    """Whether it returns values of trials, by network."""
    episodes_count: bool = False
    """Whether the order of the episodes counts: they are dealt out to folds, halves or groups."""
    networks_together: bool = False
    """Whether it uses the trials that all networks have, or their mean length."""


def _transferred(recording: xr.Dataset) -> dict[str, Any]:
    return {"target": choice(recording), "other": example(1), "other_target": choice(example(1))}


CALLS: dict[str, Call] = {
    "aperiodic_exponent": Call(two_step, networks_together=True, episodes_count=True),
    "autocorrelation": Call(options={"max_lag": 5}, networks_together=True, episodes_count=True),
    "cluster_separation": Call(beside=lambda r: {"where": choice(r) == 1}, options={"labels": ("reward",)}),
    "coding_direction": Call(beside=lambda r: {"label": choice(r)}),
    "condition_means": Call(beside=lambda r: {"factors": factors(r)}, options={"phase": "outcome"}),
    "cross_temporal_decoding": Call(
        beside=lambda r: {"target": choice(r)},
        options={"kind": "classes", "n_shuffles": 2, "n_folds": 3},
        episodes_count=True,
    ),
    "permuted_encoding": Call(
        beside=lambda r: {"regressors": factors(r)},
        options={"tested": "reward", "phase": "outcome", "n_permutations": 20},
        episodes_count=True,
    ),
    "cue_responses": Call(reversals, options={"n_lags": 3}),
    "demixed_variance": Call(beside=lambda r: {"factors": factors(r)}, episodes_count=True),
    "dichotomies": Call(
        beside=lambda r: {"factors": factors(r)},
        options={"phase": "outcome", "n_trials": 20, "n_null": 2},
        episodes_count=True,
    ),
    "end_point_correlation": Call(
        first=lambda r: measures.principal_components(r, "outcome"),
        beside=lambda r: {"truth": r["value"].isel(step=-1)},
    ),
    "history_signatures": Call(options={"phase": "choice"}, by_trial=True),
    "inferred_change": Call(reversals, first=lambda r: measures.cue_responses(r, 3)),
    "intrinsic_timescale": Call(options={"max_lag": 5}, networks_together=True, episodes_count=True),
    "learner_signatures": Call(options={"learner": "model_free"}, by_trial=True),
    "matched_directions": Call(
        beside=lambda r: {"directions": directions(r)}, options={"n_draws": 2, "seed": 0, "phase": "outcome"}
    ),
    "mixed_selectivity": Call(beside=lambda r: {"factors": factors(r)}, options={"phase": "outcome"}),
    "participation_ratio": Call(),
    "population_decoding": Call(
        beside=lambda r: {"target": choice(r)},
        options={"kind": "classes", "n_shuffles": 2, "n_folds": 3},
        episodes_count=True,
    ),
    "power_spectrum": Call(networks_together=True),
    "previous": Call(first=choice, by_trial=True),
    "principal_components": Call(options={"phase": "outcome"}),
    "representational_similarity": Call(first=means, beside=lambda r: {"second": means(r)}, options={"paired": True}),
    "rpe_regression": Call(options={"stages": {"reward": "outcome"}}),
    "signature_encoding": Call(two_step),
    "transfer_decoding": Call(beside=_transferred, options={"kind": "classes", "n_shuffles": 2}, episodes_count=True),
    "some_trials": Call(
        first=lambda r: {"value": trial_view(r, "value", "choice")},
        options={"n_trials": 48},
        by_trial=True,
        episodes_count=True,
    ),
    "trials_after_reversal": Call(reversals, by_trial=True),
    "two_step_signatures": Call(two_step, options={"moment": "after outcome"}, by_trial=True),
    "unit_encoding": Call(beside=lambda r: {"regressors": factors(r)}, options={"phase": "outcome"}),
    "volatility_decoding": Call(volatility, options={"every": 2, "n_shuffles": 2}, episodes_count=True),
    "volatility_units": Call(volatility, options={"every": 1}, episodes_count=True),
}
LEGITIMATE_WHEN_SILENT = {name for name in CALLS if name.endswith("decoding")} | {
    *("condition_means", "demixed_variance", "dichotomies", "rpe_regression"),
}
"""Measures that have an answer for activity that never changes: its mean, no variance, and decoding at chance level.
`rpe_regression` reads prediction errors only."""

WITH_ARRAYS = [name for name, call in CALLS.items() if call.beside(call.recording())]


def measured(name: str, recording: xr.Dataset, beside: Mapping[str, Any]) -> xr.Dataset:
    """What a measure returns, as a Dataset; trials by network become subjects."""
    call = CALLS[name]
    found = getattr(measures, name)(call.first(recording), **beside, **call.options)
    if call.by_trial:
        found = xr.Dataset(found) if isinstance(found, dict) else found.to_dataset(name="of_trial")
        return found.rename(network="subject")
    return found


@functools.cache
def plain(name: str) -> xr.Dataset:
    recording = CALLS[name].recording()
    return measured(name, recording, CALLS[name].beside(recording))


def reordered(value: Any, **order: Any) -> Any:
    """Arrays, or mappings of arrays, in another order of a dimension."""
    if isinstance(value, dict):
        return {name: reordered(own, **order) for name, own in value.items()}
    if isinstance(value, xr.Dataset):
        return value
    return value.isel({dim: index for dim, index in order.items() if dim in value.dims})


def same(one: xr.Dataset, other: xr.Dataset, **tolerance: float) -> None:
    """The same numbers under the same labels; eigenvectors may be turned around."""
    other = other.reindex_like(one)
    for name, array in one.data_vars.items():
        if array.dtype.kind in "fiub":
            np.testing.assert_allclose(
                other[name].transpose(*array.dims).astype(float),
                array.astype(float),
                **{"rtol": 1e-6, "atol": 1e-8, **tolerance},
                err_msg=str(name),
            )
        else:
            assert (other[name].transpose(*array.dims).values == array.values).all(), name


@pytest.fixture(params=CALLS)
def name(request):
    return request.param


def test_every_measure_has_an_entry():
    firsts = {name: next(iter(inspect.signature(getattr(measures, name)).parameters)) for name in measures.__all__}
    of_recordings = {name for name, first in firsts.items() if first == "recording"}
    of_others = {
        "end_point_correlation",
        "inferred_change",
        "previous",
        "representational_similarity",
        "some_trials",
    }
    assert set(CALLS) == of_recordings | of_others
    of_tables = {
        name
        for name, first in firsts.items()
        if first in ("data", "perturbed", "effects", "found", "measured", "result")
    }
    assert set(measures.__all__) == set(CALLS) | of_tables


def test_every_measure_has_an_example(name):
    assert ">>> " in getattr(measures, name).__doc__


def test_results_have_subjects_that_are_the_networks(name):
    got = plain(name)
    assert got.sizes["subject"] == 3
    assert got["subject"].values.tolist() == NETWORKS


def test_validity_and_reason_agree(name):
    got = plain(name)
    assert ("valid" in got) == ("reason" in got)
    if "valid" in got:
        assert got["valid"].dims == got["reason"].dims
        assert (got["reason"].where(~got["valid"], "x") != "").all()


def test_networks_in_another_order_keep_their_numbers(name):
    recording = CALLS[name].recording()
    backwards = recording.isel(network=[2, 0, 1])
    same(plain(name), measured(name, backwards, CALLS[name].beside(backwards)))
    same(plain(name), measured(name, backwards, CALLS[name].beside(recording)))


@pytest.mark.parametrize("dim", ["network", "subject", "episode", "unit"])
@pytest.mark.parametrize("of_arrays", WITH_ARRAYS)
def test_arrays_in_another_order_are_aligned(of_arrays, dim):
    recording = CALLS[of_arrays].recording()
    beside = CALLS[of_arrays].beside(recording)
    turned = {name: reordered(value, **{dim: slice(None, None, -1)}) for name, value in beside.items()}
    same(plain(of_arrays), measured(of_arrays, recording, turned))


@pytest.mark.parametrize("of_arrays", WITH_ARRAYS)
def test_transposed_arrays_are_the_same(of_arrays):
    recording = CALLS[of_arrays].recording()
    beside = CALLS[of_arrays].beside(recording)

    def transposed(value):
        if isinstance(value, dict):
            return {name: transposed(own) for name, own in value.items()}
        return value.transpose() if isinstance(value, xr.DataArray) else value

    try:
        got = measured(of_arrays, recording, transposed(beside))
    except BadInput:
        return
    same(plain(of_arrays), got)


def relabelled(value: Any, dim: str) -> Any:
    if isinstance(value, dict):
        return {name: relabelled(own, dim) for name, own in value.items()}
    return value.assign_coords({dim: value[dim].values + 1}) if dim in value.dims else value


@pytest.mark.parametrize("of_arrays", WITH_ARRAYS)
def test_other_networks_are_refused_in_a_sentence(of_arrays):
    recording = CALLS[of_arrays].recording()
    beside = CALLS[of_arrays].beside(recording)
    dim = "subject" if any("subject" in getattr(value, "dims", ()) for value in beside.values()) else "network"
    with pytest.raises(BadInput) as refusal:
        measured(of_arrays, recording, {name: relabelled(value, dim) for name, value in beside.items()})
    assert len(str(refusal.value).splitlines()) == 1
    assert str(refusal.value).endswith(".")


def ragged(recording: xr.Dataset) -> xr.Dataset:
    """Its first network has two trials fewer: the last of them lasts until the end of the episode."""
    trial = recording["trial"].copy(deep=True)
    trial[0] = trial[0].clip(max=int(trial.max()) - 2)
    return recording.assign(trial=trial)


def test_networks_may_have_different_numbers_of_trials(name):
    uneven = ragged(CALLS[name].recording())
    if name in ("principal_components", "end_point_correlation"):
        with pytest.raises(BadInput, match="some trials never come to it"):
            measured(name, uneven, CALLS[name].beside(uneven))
        return
    got = measured(name, uneven, CALLS[name].beside(uneven))
    assert got["subject"].values.tolist() == NETWORKS
    if not CALLS[name].networks_together:
        same(plain(name).isel(subject=[1, 2]), got.isel(subject=[1, 2]))
    for variable in set(got.data_vars) & {"n_trials"}:
        assert (got[variable].isel(subject=0) <= got[variable].isel(subject=1)).all()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # a read-out of nothing but an offset
def test_a_network_that_is_silent_leaves_the_others(name):
    recording = CALLS[name].recording()
    if "hidden" not in recording or CALLS[name].by_trial:
        pytest.skip("it does not read activity")
    hidden = recording["hidden"].copy(deep=True)
    hidden[0] = 0.5
    made = recording.assign(hidden=hidden)
    got = measured(name, made, CALLS[name].beside(made))
    same(plain(name).isel(subject=[1, 2]), got.isel(subject=[1, 2]))
    if "valid" in got and name not in LEGITIMATE_WHEN_SILENT:
        assert not got["valid"].isel(subject=0).any()


def test_dims_of_the_recording_in_another_order_give_the_same_or_a_sentence(name):
    recording = CALLS[name].recording()
    turned = recording.transpose("episode", "network", ...)
    try:
        got = measured(name, turned, CALLS[name].beside(recording))
    except BadInput:
        return
    same(plain(name), got)


def test_double_precision_makes_no_difference(name):
    recording = CALLS[name].recording()
    double = recording.assign({n: a.astype("float64") for n, a in recording.data_vars.items() if a.dtype == "float32"})
    same(plain(name), measured(name, double, CALLS[name].beside(double)), rtol=1e-4, atol=1e-5)


def test_the_order_of_episodes_does_not_count_where_it_should_not(name):
    if CALLS[name].episodes_count:
        pytest.skip("episodes are dealt out to folds, halves or groups")
    recording = CALLS[name].recording()
    order = np.random.default_rng(1).permutation(recording.sizes["episode"])
    moved = recording.isel(episode=order)
    same(plain(name), measured(name, moved, CALLS[name].beside(recording)), rtol=1e-5, atol=1e-6)


def test_inputs_are_unchanged(name):
    recording = CALLS[name].recording().copy(deep=True)
    beside = CALLS[name].beside(recording)
    before = (
        recording.copy(deep=True),
        {n: v.copy(deep=True) for n, v in beside.items() if hasattr(v, "copy") and not isinstance(v, dict)},
    )
    first = measured(name, recording, beside)
    xr.testing.assert_identical(recording, before[0])
    for argument, value in before[1].items():
        assert beside[argument].identical(value)
    assert first.identical(measured(name, recording, beside))
