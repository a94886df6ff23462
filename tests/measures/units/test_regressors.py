import numpy as np
import pytest
import xarray as xr
from scipy.stats import binomtest

from pfc_metarl.data.example import example_recording
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_FORAGING
from pfc_metarl.measures import history_signatures, learner_signatures, previous, unit_encoding
from pfc_metarl.measures.units.regressors import of_other_episodes, some_trials
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Foraging
from tests.handmade import recording


def scaled(signature):
    return ((signature - signature.mean()) / signature.std()).fillna(0).values


@pytest.fixture(scope="module")
def forager():
    """Two agents that choose at random, an ideal observer yoked to each."""
    yoked = {"observer": REFERENCE_AGENTS_FORAGING["observer"]}
    return record(
        Foraging(n_trials=30), REFERENCE_AGENTS_FORAGING["random"], n_episodes=30, seed=0, networks=(0, 3), yoked=yoked
    )


def test_a_learners_signatures_are_of_the_last_trial_the_present_values_and_the_next_act(forager):
    got = learner_signatures(forager, "observer")
    action, reward, rpe = (forager[name].values[:, :, 1::2] for name in ("action", "reward", "rpe_observer"))
    left, right = np.moveaxis(forager["action_value_observer"].values[:, :, ::2, :2], -1, 0)
    np.testing.assert_array_equal(got["upcoming action"], 2.0 * action - 1)
    np.testing.assert_array_equal(got["last action"][..., 1:], 2.0 * action[..., :-1] - 1)
    np.testing.assert_array_equal(got["last reward"][..., 1:], reward[..., :-1])
    np.testing.assert_array_equal(got["action x reward"], got["last action"] * got["last reward"])
    np.testing.assert_array_equal(got["RPE"][..., 1:], rpe[..., :-1])
    np.testing.assert_array_equal(got["right − left value"], right.astype(float) - left)
    np.testing.assert_array_equal(got["value"], np.where(left > right, left, right))
    for name in ("last action", "last reward", "action x reward", "RPE"):
        assert got[name][..., 0].isnull().all()


def test_units_that_carry_a_learners_signature_carry_no_other(forager):
    signatures = learner_signatures(forager, "observer")
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(*forager["action"].shape, len(signatures)))
    for unit, signature in enumerate(signatures.values()):
        hidden[:, :, ::2, unit] -= 2 * scaled(signature)
    made = forager.assign(hidden=(("network", "episode", "step", "unit"), hidden))
    got = unit_encoding(made, signatures, clusters="episode")
    own = np.eye(len(signatures), dtype=bool)
    assert got["significant"].values[:, own].all()
    assert (got["coefficient"].values[:, own] < -0.5).all()
    assert got["significant"].values[:, ~own].mean() < 0.05
    others = unit_encoding(made, of_other_episodes(signatures, 0), clusters="episode")
    assert others["significant"].mean() < 0.1  # values of other episodes begin alike


def test_a_learner_must_be_yoked_to_the_choices(forager):
    with pytest.raises(BadInput, match="no variable 'rpe_local_matching'; yoke the learner"):
        learner_signatures(forager, "local_matching")
    with pytest.raises(BadInput, match="there is one episode only"):
        of_other_episodes(learner_signatures(forager.isel(episode=[0]), "observer"), 0)


def test_history_is_that_of_the_trial_before():
    made = recording(
        ["fixation", "choice"],
        trial=[[0, 0, 1, 1, 2, 2, 3, 3]],
        phase=[[0, 1] * 4],
        action=[[2, 1, 2, 0, 2, 2, 2, 1]],
        reward=[[0, 1, 0, 0, 0, -1, 0, 1]],
        value=[[0.1, 9, 0.2, 9, 0.3, 9, 0.4, 9]],
    )
    got = history_signatures(made, upcoming=True)
    expected = {
        "last action": [np.nan, 1, -1, np.nan],
        "last reward": [np.nan, 1, 0, -1],
        "action x reward": [np.nan, 1, 0, np.nan],
        "value": [0.1, 0.2, 0.3, 0.4],
        "upcoming action": [1, -1, np.nan, 1],
    }
    assert list(got) == list(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(got[name].values[0, 0], values, rtol=1e-6)
    assert list(history_signatures(made)) == list(expected)[:4]


def test_history_is_found_in_the_values_of_an_observer():
    task = Foraging(p_left=((0.0, 0.5),))
    made = record(task, REFERENCE_AGENTS_FORAGING["observer"], n_episodes=100, seed=3, networks=(0, 1))
    made = made.assign(value=made["action_value"].max("option"))
    got = unit_encoding(made, history_signatures(made), "fixation", variable="action_value")
    left = got.sel(unit="left", regressor="last action")["coefficient"]
    right = got.sel(unit="right", regressor="last action")["coefficient"]
    assert (left > 0.02).all()  # after a choice of right it is left that has been waiting
    assert (right < -0.02).all()
    assert set(got["reason"].sel(unit="centre").values) == {"its activity never changes"}


def test_some_trials_are_drawn_from_every_episode():
    made = example_recording(n_episodes=30, n_trials=10)
    of_all = {"value": trial_view(made, "value", "choice"), "past": previous(trial_view(made, "action", "choice"))}
    drawn = some_trials(of_all, 60, seed=1)
    for name, array in drawn.items():
        known = array.notnull()
        assert (known.sum("trial") == 2).all()
        assert known.equals(drawn["value"].notnull())
        assert not known.isel(trial=0).any()  # nothing is past there
        xr.testing.assert_equal(array, of_all[name].where(known))
    counts = known.sum(["network", "episode"]).values[1:]
    assert counts.min() > 0
    assert not some_trials(of_all, 60, seed=2)["value"].equals(drawn["value"])
    rare = {"value": of_all["value"].where(of_all["value"]["episode"] > 0)}
    assert not some_trials(rare, 60)["value"].isel(episode=0).notnull().any()


def test_in_some_trials_of_many_episodes_drift_is_found_as_often_as_by_chance():
    rng = np.random.default_rng(3)
    made = example_recording(n_networks=8, n_episodes=300, n_trials=10)
    noise = example_recording(n_networks=8, n_episodes=300, n_trials=10, seed=1)["value"]
    units = xr.concat([noise.isel(episode=rng.permutation(300)).drop_vars("episode") for _ in range(20)], "unit")
    made = made.drop_dims("unit").assign(hidden=units.transpose("network", "episode", "step", "unit"))
    drawn = some_trials({"value": trial_view(made, "value", "choice")}, 300)
    found = unit_encoding(made, drawn)
    assert (found["n_trials"] == 300).all()
    hits = int((found["p_value"] < 0.05).sum())
    assert binomtest(hits, found["p_value"].size, 0.05).pvalue > 0.001
