import numpy as np
import pytest
import xarray as xr

from analyses import figS_units_foraging as figure
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_FORAGING
from pfc_metarl.measures import unit_encoding
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Foraging


@pytest.fixture(scope="module")
def lived():
    """An agent that chooses at random and an ideal observer yoked to it, whose values replace units."""
    yoked = {"observer": REFERENCE_AGENTS_FORAGING["observer"]}
    task = Foraging(n_trials=40, p_left=((0.0, 0.5),))
    made = record(task, REFERENCE_AGENTS_FORAGING["random"], n_episodes=30, seed=0, networks=(0, 1), yoked=yoked)
    return made.assign(hidden=(("network", "episode", "step", "unit"), made["action_value_observer"].values[..., :2]))


def test_truth_is_right_less_left(lived):
    got = figure.signatures(lived, "choice")
    base, bait = lived["p_base"].values, lived["p_reward"].values[:, :, 1::2]
    np.testing.assert_allclose(got["true base probability"], (base[..., 1] - base[..., 0])[:, :, 1::2], rtol=1e-6)
    np.testing.assert_allclose(got["true bait probability"], bait[..., 1] - bait[..., 0], rtol=1e-6)
    np.testing.assert_array_equal(figure.richer(lived) > 0, got["true base probability"] > 0)


def test_the_observers_values_carry_their_difference_most_of_all(lived):
    got = abs(unit_encoding(lived, figure.signatures(lived, "fixation"))["partial_correlation"])
    assert (got.argmax("regressor") == list(got["regressor"].values).index("right − left value")).all()


def test_a_code_that_is_turned_round_between_phases_does_not_generalise(lived):
    rng = np.random.default_rng(0)
    sign = np.repeat(figure.side(lived).values, 2, axis=2) * np.tile([1, -1], 40)
    hidden = 2 * sign[..., None] * [1.0, 0.0] + rng.normal(size=(*sign.shape, 2))
    turned = lived.assign(hidden=(("network", "episode", "step", "unit"), hidden))
    got = figure.crossed({"trained": turned, "untrained": lived})["score"].sel(who="trained")
    upcoming = got.sel(target="upcoming\nchoice")
    for phase, other in (("fixation", "choice"), ("choice", "fixation")):
        assert (upcoming.sel(train_phase=phase, test_phase=phase) > 0.9).all()
        assert (upcoming.sel(train_phase=phase, test_phase=other) < 0.1).all()


def test_decoders_are_compared_at_their_own_phase_and_at_the_other_one():
    phases, target = ["fixation", "choice"], "upcoming\nchoice"
    coords = {"who": ["trained"], "target": [target], "train_phase": phases, "test_phase": phases, "subject": [0, 1]}
    score = xr.DataArray(np.zeros((1, 1, 2, 2, 2)), coords, tuple(coords))
    score[0, 0, ..., 0] = [[0.9, 0.5], [0.6, 0.8]]
    score[0, 0, ..., 1] = [[0.5, 0.7], [0.7, 0.5]]
    got = figure.own_minus_other_phase({"crossed": xr.Dataset({"score": score})})
    np.testing.assert_allclose(got, [0.3, -0.2])
