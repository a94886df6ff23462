import numpy as np
import pytest

from pfc_metarl.measures import volatility_decoding, volatility_units
from pfc_metarl.measures.units.volatility import volatility_nuisances
from pfc_metarl.settings import BadInput
from tests.handmade import recording

N_EPISODES, N_TRIALS, N_UNITS = 40, 40, 6


def made(rng, orders=(0, 1), gain=1.5):
    """One network; units 0 and 1 follow volatility, unit 2 the clock, unit 3 p, unit 4 the last reward, 5 nothing."""
    order = np.resize(orders, N_EPISODES)[:, None]
    volatile = (np.arange(N_TRIALS) >= N_TRIALS // 2) ^ (order == 1)
    trial = np.broadcast_to(np.arange(N_TRIALS), volatile.shape)
    p_left = np.repeat(rng.choice([0.2, 0.8], (N_EPISODES, N_TRIALS // 10)), 10, axis=1)
    action, reward = rng.integers(2, size=volatile.shape), (rng.random(volatile.shape) < p_left).astype(float)
    hidden = rng.normal(size=(*volatile.shape, N_UNITS)) + rng.normal(size=(N_EPISODES, 1, N_UNITS))
    hidden[..., 0] += gain * volatile
    hidden[..., 1] -= gain * volatile
    hidden[..., 2] += trial / 10
    hidden[..., 3] += 3 * p_left
    hidden[:, 1:, 4] += 3 * reward[:, :-1]
    columns = {"trial": trial, "phase": 0 * trial, "action": action, "reward": reward, "volatile": volatile.astype(int)}
    p_reward = np.stack([p_left, 1 - p_left], -1)
    return recording(["choice"], extra_dims={"p_reward": ("option",)}, hidden=hidden, p_reward=p_reward, **columns)


@pytest.fixture(scope="module")
def planted():
    return made(np.random.default_rng(0))


def test_units_that_follow_volatility_are_found_and_no_others(planted):
    got = volatility_units(planted, every=4).isel(subject=0)
    assert got["significant"].values.tolist() == [True, True, False, False, False, False]
    assert got["partial_correlation"][0] > 0.3
    assert got["partial_correlation"][1] < -0.3
    assert got["p_significant"].item() == pytest.approx(2 / 6)
    assert got["n_trials"].item() == N_EPISODES * N_TRIALS / 4


@pytest.mark.parametrize("name", ["reward rate", "surprise", "confidence", "time since reversal", "p_left"])
def test_units_that_follow_what_goes_along_with_volatility_are_not_counted(planted, name):
    along = volatility_nuisances(planted)[name].fillna(0).values[0]
    hidden = planted["hidden"].copy(deep=True)
    hidden[..., 5] = along + 0.3 * np.random.default_rng(3).normal(size=along.shape)
    got = volatility_units(planted.assign(hidden=hidden), every=4)
    assert not got["significant"].values[0, 5]


def test_nuisances_are_those_of_a_hand_computed_episode():
    made = recording(
        ["choice"],
        trial=np.arange(4)[None, None],
        phase=np.zeros((1, 1, 4), int),
        action=np.array([[[0, 1, 0, 0]]]),
        reward=np.array([[[1.0, 1.0, 0.0, 1.0]]]),
        p_reward=np.array([[[0.8, 0.2], [0.8, 0.2], [0.2, 0.8], [0.2, 0.8]]])[None],
        extra_dims={"p_reward": ("option",)},
    )
    got = {name: array.values[0, 0] for name, array in volatility_nuisances(made).items()}
    np.testing.assert_allclose(got["time since reversal"], np.log([1, 2, 1, 2]))
    # Left pays by the learner: 0.5; 0.5 + 0.3 * 0.5 = 0.65; right paid, so 0.65 - 0.3 * 0.65 = 0.455; 0.455 * 0.7
    np.testing.assert_allclose(got["confidence"], [0, 0.3, 0.09, 0.363])
    np.testing.assert_allclose(got["surprise"], [np.nan, 0.5, 0.65, 0.455])
    np.testing.assert_allclose(got["reward rate"], [np.nan, 0.55, 0.595, 0.5355])
    np.testing.assert_allclose(got["previous action"], [np.nan, 0, 1, 0])


def test_volatility_is_decoded_in_trials_that_were_not_used_too(planted):
    got = volatility_decoding(planted, every=4)
    assert got["score"].sel(metric="auc").item() > 0.85
    assert (got["p_value"] == 1 / 21).all()
    probability = got["probability"].sel(label=1).values[0]
    assert probability.shape == (N_EPISODES, N_TRIALS)
    volatile = planted["volatile"].values[0] == 1
    assert probability[volatile].mean() > probability[~volatile].mean() + 0.3


def test_nothing_is_found_where_nothing_was_planted():
    noise = made(np.random.default_rng(1), gain=0.0)
    assert not volatility_units(noise, every=4)["significant"].any()
    assert abs(volatility_decoding(noise, every=4)["score"].sel(metric="auc") - 0.5) < 0.12


def test_a_clock_is_not_taken_for_volatility():
    one_order = made(np.random.default_rng(2), orders=(0,))
    with pytest.raises(BadInput, match="the same in all episodes"):
        volatility_decoding(one_order)


def test_a_step_below_one_is_refused(planted):
    with pytest.raises(BadInput, match="every = 0"):
        volatility_units(planted, every=0)
    with pytest.raises(BadInput, match="variable = 'volatile'"):
        volatility_decoding(planted.drop_vars("volatile"))
