"""Properties of every recording, of any agent in any task."""

import functools

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from pfc_metarl.agents import Prefrontal
from pfc_metarl.data.dataset import SCHEMA, STEP_DIMS, open_recording, phase_names, save, validate
from pfc_metarl.data.trial_table import KEYS, trials
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_OF
from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.network import Network
from pfc_metarl.simulation import noise
from pfc_metarl.simulation.recording import record
from pfc_metarl.simulation.yoked import with_yoked
from pfc_metarl.tasks import TASKS, TwoStep
from tests.contracts import short

NETWORKS = (0, 3)
CASES = [(task, name) for task in TASKS for name in [*REFERENCE_AGENTS_OF[task], *CORES, "rpe_input"]]


def agent_of(task, name):
    if name in REFERENCE_AGENTS_OF[type(task)]:
        return REFERENCE_AGENTS_OF[type(task)][name]
    network = Network(units=5, **({"critic": "separate"} if name == "rpe_input" else {"core": name}))
    sizes = len(task.channel_names), len(task.action_names)
    weights = network.initial_weights(*sizes, noise.generators(0, NETWORKS, "tests"))
    return Prefrontal(network, weights, *sizes, task.n_steps, 0.9)


def recorded(kind, name, **changes):
    task = short(kind, n_trials=6)
    return record(task, agent_of(task, name), **{"n_episodes": 4, "seed": 0, "networks": NETWORKS, **changes})


once = functools.cache(recorded)
"""A recording that tests share and do not change."""


@pytest.fixture(params=CASES, ids=lambda p: f"{p[0].__name__}-{p[1]}")
def case(request):
    return request.param


def test_a_recording_keeps_the_schema(case):
    task, made = short(case[0], n_trials=6), once(*case)
    assert validate(made) is made
    assert [made.sizes[name] for name in STEP_DIMS] == [2, 4, task.n_steps]
    assert made["network"].values.tolist() == list(NETWORKS)
    for name in set(SCHEMA) & set(made.data_vars):
        assert made[name].dtype == SCHEMA[name].dtype
        assert made[name].dims == (*STEP_DIMS, *SCHEMA[name].extra_dims)
    assert not set(made.dims) & set(made.data_vars)
    assert phase_names(made) == list(task.phase_names)
    assert made["action"].isin(range(len(task.action_names))).all()
    np.testing.assert_allclose(made["policy"].sum("option"), 1, rtol=1e-5)
    assert set(task.begin(noise.draw(noise.generators(0, (0,), "x"), 1, 1, task.n_draws, 2).world[0])._fields) <= set(
        made
    )


def test_a_recording_is_made_by_its_seed(case):
    made = once(*case)
    xr.testing.assert_identical(made, recorded(*case))
    for other in (recorded(*case, seed=1), recorded(*case, purpose="other")):
        assert not made["action"].equals(other["action"])


@pytest.mark.parametrize("kind", TASKS)
@pytest.mark.parametrize("network", [True, False])
def test_the_same_recording_gives_the_same_bytes_and_is_read_back(kind, network, tmp_path):
    name = "rpe_input" if network else next(iter(REFERENCE_AGENTS_OF[kind]))
    made = once(kind, name)
    path = save(made, tmp_path / "a.nc")
    assert path.read_bytes() == save(recorded(kind, name), tmp_path / "b.nc").read_bytes()
    with open_recording(path) as opened:
        xr.testing.assert_identical(opened.load(), made)


def test_a_recording_has_a_trial_table(case):
    task, made = short(case[0], n_trials=6), once(*case)
    if not task.trial_columns:
        pytest.skip("the task has no trials to tabulate")
    table = trials(made)
    assert set(KEYS) <= set(table)
    assert all(any(str(there).startswith(column) for there in table) for column in task.trial_columns)
    assert set(table["subject"]) == set(NETWORKS)
    assert trials(table) is table
    pd.testing.assert_frame_equal(table, trials(made))


def rebuilt(made, name="rpe"):
    """The prediction error by the identity that its attributes state, in double precision."""
    attrs = made[name].attrs
    value = made[attrs["value"]].values.astype(float)
    if value.ndim == 4:
        value = np.take_along_axis(value, made["action"].values[..., None].astype(int), axis=-1)[..., 0]
    following = np.zeros_like(value)
    following[..., :-1] = value[..., 1:]
    if attrs["next_value_within"] == "trial":
        following[..., :-1] *= np.diff(made["trial"].values) == 0
    return made["reward"].values + attrs["discount"] * following - value


def test_prediction_errors_agree_with_their_attributes(case):
    made = once(*case)
    if "rpe" not in made:
        assert "value" not in made
        assert "action_value" not in made
        pytest.skip("the agent has no values")
    assert made["rpe"].attrs["next_value_within"] in ("episode", "trial")
    np.testing.assert_allclose(made["rpe"], rebuilt(made), atol=2e-6, rtol=2e-6)


def test_yoked_prediction_errors_agree_with_their_attributes():
    task, yoked = (
        short(TwoStep, n_trials=6),
        {name: agent_of(short(TwoStep), name) for name in ("model_based", "hybrid")},
    )
    options = {"n_episodes": 4, "seed": 0, "networks": NETWORKS}
    made = record(task, agent_of(task, "random"), yoked=yoked, **options)
    later = with_yoked(record(task, agent_of(task, "random"), **options), yoked)
    for name in yoked:
        np.testing.assert_allclose(made[f"rpe_{name}"], rebuilt(made, f"rpe_{name}"), atol=2e-6)
        assert later[f"rpe_{name}"].identical(made[f"rpe_{name}"])


def test_all_agents_meet_the_same_worlds():
    for kind in TASKS:
        task = short(kind, n_trials=6)
        options = {"n_episodes": 4, "seed": 0, "networks": NETWORKS}
        states = [record(task, agent_of(task, name), **options) for name in ("random", "lstm")]
        first = [made.isel(step=0)[sorted(set(made) - set(SCHEMA) - {"choice1"})] for made in states]
        xr.testing.assert_equal(first[0].drop_attrs(), first[1].drop_attrs())
