import numpy as np
import pytest

from pfc_metarl.data.dataset import validate
from pfc_metarl.data.example import TIMESCALE, UNITS, example_recording, volatility_example
from pfc_metarl.data.trial_table import trial_view, trials


@pytest.fixture(scope="module")
def made():
    return example_recording(n_networks=2, n_episodes=300, n_trials=20)


def test_it_is_a_recording_with_a_trial_table(made):
    assert validate(made) is made
    table = trials(made)
    assert len(table) == 2 * 300 * 20
    np.testing.assert_array_equal(table["choice1"], trial_view(made, "action", "choice").values.ravel())
    np.testing.assert_array_equal(table["reward"], trial_view(made, "reward", "outcome").values.ravel())


def test_units_encode_what_their_names_say(made):
    choice, reward = (2 * trial_view(made, *of) - 1 for of in (("action", "choice"), ("reward", "outcome")))
    value = trial_view(made, "value", "choice")
    nothing = 0 * value
    before = {"choice": choice, "reward": nothing, "sum": nothing, "product": nothing, "value": value, "noise": nothing}
    after = before | {"reward": reward, "sum": choice + reward, "product": choice * reward}
    for phase, signals in (("choice", before), ("outcome", after)):
        activity = trial_view(made, "hidden", phase)
        for unit in UNITS:
            noise = activity.sel(unit=unit) - signals[unit]
            assert noise.std().item() == pytest.approx(0 if unit == "value" else 1, abs=0.02)
            for signal in (choice, reward, value):
                assert abs((noise * signal).mean()) < 0.04


def test_the_value_decays_as_said(made):
    value = trial_view(made, "value", "choice").values
    assert value.std() == pytest.approx(1, abs=0.03)
    for lag in (1, 3):
        correlation = np.corrcoef(value[..., :-lag].ravel(), value[..., lag:].ravel())[0, 1]
        assert correlation == pytest.approx(np.exp(-lag / TIMESCALE), abs=0.04)


def test_its_seed_makes_it():
    assert example_recording().identical(example_recording())
    assert not example_recording(seed=1)["reward"].equals(example_recording()["reward"])


def test_one_unit_of_the_volatile_example_encodes_volatility():
    made = volatility_example(n_episodes=300)
    assert validate(made) is made
    assert made["volatile"].mean("step").values.ravel().tolist() == [0.5] * 600
    noise = made["hidden"] - 3 * made["volatile"] * (made["unit"] == "volatile")
    np.testing.assert_allclose(noise.std(["network", "episode", "step"]), 1, atol=0.02)
    for name in ("volatile", "action", "reward", "value"):
        assert abs((noise * (made[name] - made[name].mean())).mean(["network", "episode", "step"])).max() < 0.03
