import json

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr

import pfc_metarl
from pfc_metarl.agents import Prefrontal, Random
from pfc_metarl.data import dataset
from pfc_metarl.data.streaming import save_parts
from pfc_metarl.data.trial_table import trials
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_TWO_STEP
from pfc_metarl.networks.network import Network
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation import noise
from pfc_metarl.simulation.recording import record, record_in_parts
from pfc_metarl.simulation.rollout import rollout
from pfc_metarl.tasks import Foraging, TwoStep

TASK = TwoStep(n_trials=6)


def network_of(core="lstm", networks=(0, 1), discount=0.8):
    network = Network(core=core, units=5)
    weights = network.initial_weights(3, 2, noise.generators(0, networks, "weights"))
    weights["heads"].mul_(20)
    return Prefrontal(network, weights, 3, 2, TASK.n_steps, discount)


def recorded(agent=None, n_episodes=4, seed=0, **options):
    options = {"networks": (0, 1), **options}
    return record(TASK, network_of() if agent is None else agent, n_episodes, seed, **options)


def test_every_axis_has_a_name_and_every_variable_its_axes():
    recording, dims = recorded(), ("network", "episode", "step")
    plain = ("action", "reward", "trial", "phase", "good_state", "choice1", "state2", "common", "value", "rpe")
    assert {name: array.dims for name, array in recording.data_vars.items()} == {
        **dict.fromkeys(plain, dims),
        "observation": (*dims, "channel"),
        "p_reward": (*dims, "second_stage_state", "second_stage_option"),
        "hidden": (*dims, "unit"),
        "cell": (*dims, "unit"),
        "policy": (*dims, "option"),
    }
    sizes = {"network": 2, "episode": 4, "step": 12, "channel": 3, "option": 2, "unit": 5}
    assert dict(recording.sizes) == {**sizes, "second_stage_state": 2, "second_stage_option": 1}


def test_names_are_shown_with_numbers():
    recording = recorded(networks=(3, 7), agent=network_of(networks=(3, 7)), learner="none", numbers={"units": 5})
    assert recording["network"].values.tolist() == [3, 7]
    assert recording["option"].values.tolist() == ["left", "right"]
    assert recording["channel"].values.tolist() == ["first_stage", "second_stage_0", "second_stage_1"]
    assert recording["phase"].attrs["flag_meanings"] == ["first_stage", "second_stage"]
    assert recording["phase"].attrs["flag_values"].tolist() == [0, 1]
    assert recording["phase"].values[0, 0, :4].tolist() == [0, 1, 0, 1]
    assert recording["trial"].values[0, 0].tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    expected = {"task": "TwoStep", "probe": "test", "seed": 0, "learner": "none"}
    assert {name: recording.attrs[name] for name in expected} == expected
    assert recording.attrs["pfc_metarl_version"] == pfc_metarl.__version__
    assert json.loads(recording.attrs["numbers"]) == {"units": 5}


def test_what_is_recorded_is_what_happened(live):
    agent = network_of()
    sources = noise.generators(0, (0, 1), "probe: test")
    trajectory = rollout(TASK, agent, noise.draw(sources, TASK.n_steps, 4, TASK.n_draws, 2))
    recording, readout = recorded(), trajectory.readout()
    pairs = {
        "action": trajectory.action(),
        "reward": trajectory.reward(),
        "observation": trajectory.observation(),
        "hidden": readout["hidden"],
        "cell": readout["cell"],
        "value": readout["value"],
        "policy": readout["logits"].exp() / readout["logits"].exp().sum(-1, keepdim=True),
        "good_state": trajectory.state()["good_state"],
    }
    for name, tensor in pairs.items():
        expected = np.moveaxis(tensor.numpy(), 0, 2)
        np.testing.assert_allclose(recording[name].values, expected, rtol=1e-6, err_msg=name)


def test_the_prediction_error_of_a_network_reaches_into_the_next_trial():
    recording = recorded()
    reward, value, rpe = (recording[name].values for name in ("reward", "value", "rpe"))
    np.testing.assert_allclose(rpe[..., :-1], reward[..., :-1] + 0.8 * value[..., 1:] - value[..., :-1], atol=1e-6)
    np.testing.assert_allclose(rpe[..., -1], reward[..., -1] - value[..., -1], atol=1e-6)
    assert (value[..., 2:-1:2] != 0).all()


def test_the_prediction_error_of_a_reference_agent_ends_with_the_trial():
    recording = recorded(REFERENCE_AGENTS_TWO_STEP["model_free"])
    taken = recording["action_value"].values[..., 0].copy()
    second = recording["action"].values == 1
    taken[second] = recording["action_value"].values[..., 1][second]
    rpe, reward = recording["rpe"].values, recording["reward"].values
    np.testing.assert_allclose(rpe[..., 1::2], reward[..., 1::2] - taken[..., 1::2], atol=1e-6)
    np.testing.assert_allclose(rpe[..., ::2], taken[..., 1::2] - taken[..., ::2], atol=1e-6)


def test_an_agent_without_values_has_no_prediction_error():
    assert "rpe" not in recorded(REFERENCE_AGENTS_TWO_STEP["random"])


def test_a_core_without_a_cell_has_none():
    recording = recorded(network_of("gru"))
    assert "hidden" in recording
    assert "cell" not in recording


@pytest.mark.parametrize("name", ["model_based", "latent_state"])
def test_a_yoked_agent_has_the_prediction_errors_of_its_own_choices(name):
    recording = recorded(
        REFERENCE_AGENTS_TWO_STEP[name],
        yoked={"again": REFERENCE_AGENTS_TWO_STEP[name], "other": REFERENCE_AGENTS_TWO_STEP["model_free"]},
    )
    for variable in ("rpe", "action_value"):
        assert np.array_equal(recording[f"{variable}_again"].values, recording[variable].values)
        assert not np.array_equal(recording[f"{variable}_other"].values, recording[variable].values)
        assert recording[f"{variable}_other"].dims == recording[variable].dims
    assert "value_again" not in recording


def test_a_yoked_agent_keeps_its_own_discount():
    recording = recorded(yoked={"model_free": REFERENCE_AGENTS_TWO_STEP["model_free"]})
    rpe, reward = recording["rpe_model_free"].values, recording["reward"].values
    assert (rpe[..., 0] == 0).all(), "all its values are 0 before the first trial"
    np.testing.assert_allclose(rpe[..., 1], reward[..., 1])


def test_same_seed_same_dataset_and_the_same_bytes(tmp_path):
    first, second = recorded(), recorded()
    xr.testing.assert_identical(first, second)
    paths = [dataset.save(recording, tmp_path / str(n)) for n, recording in enumerate((first, second))]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    xr.testing.assert_identical(dataset.open_recording(paths[0]).load(), first)


@pytest.mark.parametrize("other", [{"seed": 1}, {"purpose": "training"}, {"networks": (4, 5)}])
def test_another_seed_purpose_or_network_has_other_worlds(other):
    assert not np.array_equal(recorded(n_episodes=20)["good_state"], recorded(n_episodes=20, **other)["good_state"])


def test_agents_recorded_alike_meet_the_same_worlds():
    one, other = (recorded(REFERENCE_AGENTS_TWO_STEP[name], n_episodes=20) for name in ("random", "model_based"))
    assert np.array_equal(one["good_state"], other["good_state"])
    assert not np.array_equal(one["good_state"][0], one["good_state"][1])


def test_more_episodes_than_live_at_once_are_joined_in_order():
    many, few = recorded(n_episodes=53), recorded(n_episodes=50)
    assert many.sizes["episode"] == 53
    assert not many.isel(episode=slice(50, 53)).equals(many.isel(episode=slice(0, 3)))
    for name in ("action", "good_state", "hidden"):
        assert np.array_equal(many[name][:, :50], few[name]), name


def test_only_requested_variables_are_recorded():
    recording = recorded(only=("value",))
    read_by_trials = {"choice1", "state2", "common", "good_state"}
    assert set(recording.data_vars) == {"action", "reward", "trial", "phase", "value", *read_by_trials}
    assert np.array_equal(recording["value"], recorded()["value"])
    assert "unit" not in recording.dims
    assert trials(recording).equals(trials(recorded()))


@pytest.mark.parametrize("streamed", [False, True])
def test_lost_trials_are_known_whatever_is_recorded(streamed, tmp_path, monkeypatch):
    monkeypatch.setattr("pfc_metarl.data.streaming.LARGEST_IN_MEMORY", 0 if streamed else 2**20)
    task = Foraging(n_trials=8)

    def kept(only):
        options = {"networks": (0, 1), "only": only}
        parts = record_in_parts(task, REFERENCE_AGENTS_TWO_STEP["random"], 60, 0, **options)
        return dataset.open_recording(save_parts(parts, tmp_path / f"{only}.nc"))

    whole, part = kept(None), kept(("p_base",))
    assert "policy" not in part
    assert part["option"].values.tolist() == ["left", "right", "centre"]
    assert len(trials(part)) == part["trial"].size / 2
    assert 0 < trials(part)["lost"].sum() < part["trial"].size / 2, "some said centre where targets were shown"
    pd.testing.assert_frame_equal(trials(part), trials(whole))


def test_an_unknown_variable_is_refused():
    with pytest.raises(BadInput, match=r"only = \['valeu'\]: there are no such variables"):
        recorded(only=("value", "valeu"))


def test_an_intervention_reaches_the_agent():
    def deaf(percept, state):
        return percept._replace(previous_reward=torch.zeros_like(percept.previous_reward))

    plain, changed = recorded(), recorded(intervene=deaf)
    assert np.array_equal(plain["value"][..., :2], changed["value"][..., :2]), "nothing was earned yet"
    assert not np.array_equal(plain["value"], changed["value"])


def test_recording_changes_no_weight():
    agent = network_of()
    before = [tensor.clone() for tensor in agent.weights.values()]
    recorded(agent, yoked={"model_free": REFERENCE_AGENTS_TWO_STEP["model_free"]})
    assert all(torch.equal(a, b) for a, b in zip(before, agent.weights.values(), strict=True))


@pytest.mark.parametrize("who", ["soft_observer", "networks"])
def test_batches_that_go_together_are_the_same_as_one_by_one(who, monkeypatch):
    agent = network_of() if who == "networks" else REFERENCE_AGENTS_TWO_STEP[who]
    options = {"n_episodes": 120, "yoked": {name: REFERENCE_AGENTS_TWO_STEP[name] for name in ("model_free", "hybrid")}}
    together = recorded(agent, **options)
    monkeypatch.setattr(f"{record.__module__}.MAX_BYTES_SHOWN", 1)
    monkeypatch.setattr(f"{record.__module__}.MAX_BYTES_HELD", 1)
    xr.testing.assert_identical(together, recorded(agent, **options))
    assert together["episode"].values.tolist() == list(range(120))


def test_a_cohort_is_recorded_whole_unless_its_networks_are_numbered():
    cohort = network_of(networks=(0, 1, 2))
    assert record(TASK, cohort, 2, 0)["network"].values.tolist() == [0, 1, 2]
    assert record(TASK, cohort, 2, 0, networks=(4, 5, 7))["network"].values.tolist() == [4, 5, 7]
    with pytest.raises(BadInput, match=r"networks = \(0, 1\): the agent is a cohort of 3; name as many, or none"):
        record(TASK, cohort, 2, 0, networks=(0, 1))


def test_a_longer_recording_begins_with_a_shorter_one_in_blocks_of_50():
    short, longer, odd = (record(TwoStep(n_trials=3), Random(), n, seed=0) for n in (50, 120, 70))
    assert longer.isel(episode=slice(50)).identical(short)
    assert odd.isel(episode=slice(50)).identical(short)
    assert not longer.isel(episode=slice(50, 70))["action"].equals(odd.isel(episode=slice(50, 70))["action"])
