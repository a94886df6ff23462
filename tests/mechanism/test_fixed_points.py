import numpy as np
import pytest
import torch
from scipy import optimize

from pfc_metarl.agents import Prefrontal
from pfc_metarl.mechanism.fixed_points import fixed_points
from pfc_metarl.networks.network import Network
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation import noise
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TwoStep
from tests.handmade import recording

SILENCE = {"observation": [0.0, 0.0, 0.0], "previous_action": -1, "previous_reward": 0.0}


def rnn(recurrent, bias):
    """A vanilla network of one unit, h′ = tanh(recurrent h + bias), that prefers "right" by 2 h and values h + 1."""
    core = torch.zeros(len(recurrent), 6 + 1 + 1, 1)
    core[:, 6, 0], core[:, 7, 0] = torch.tensor(recurrent), torch.tensor(bias)
    heads = torch.tensor([[0.0, 2.0, 1.0], [0.0, 0.0, 1.0]]).expand(len(recurrent), -1, -1)
    return {"core": core, "heads": heads, "initial": torch.zeros(len(recurrent), 1, 1)}


def states(hidden, **others):
    hidden = np.asarray(hidden, dtype=float)
    return recording(["x"], trial=np.zeros(hidden.shape[:3]), phase=np.zeros(hidden.shape[:3]), hidden=hidden, **others)


def of_one_unit(recurrent, bias=None, starts=(-1.0, -0.5, -0.001, 0.0, 0.5, 1.0), **options):
    hidden = np.broadcast_to(np.array(starts)[:, None], (len(recurrent), 1, len(starts), 1))
    weights = rnn(recurrent, bias or [0.0] * len(recurrent))
    return fixed_points(Network(core="rnn", units=1), weights, states(hidden), SILENCE, **options)


def test_a_contracting_unit_has_one_stable_point():
    got = of_one_unit([0.5])
    assert got.sizes["point"] == 1
    np.testing.assert_allclose(got["hidden"], 0, atol=1e-9)
    np.testing.assert_allclose(got["eigenvalue_real"], 0.5)
    np.testing.assert_allclose(got["time_constant"], 1 / np.log(2))
    assert (got["kind"].item(), got["stability"].item(), got["n_starts"].item()) == ("fixed", "stable", 6)
    np.testing.assert_allclose(got["policy"].values.ravel(), 0.5)
    np.testing.assert_allclose(got["value"], 1)


def test_a_unit_that_excites_itself_has_two_stable_points_and_a_ridge_between():
    got = of_one_unit([2.0]).isel(subject=0)
    root = optimize.brentq(lambda h: h - np.tanh(2 * h), 0.5, 1)
    np.testing.assert_allclose(np.sort(got["hidden"].values.ravel()), [-root, 0, root], atol=1e-8)
    at = dict(zip(np.sign(got["hidden"].values.ravel().round(6)), range(3), strict=True))
    np.testing.assert_allclose(got["eigenvalue_real"][at[1]], 2 * (1 - root**2))
    np.testing.assert_allclose(got["eigenvalue_real"][at[0]], 2)
    assert got["stability"].values[[at[-1], at[0], at[1]]].tolist() == ["stable", "unstable", "stable"]
    assert np.isinf(got["time_constant"][at[0]])
    assert got["n_starts"].sum() == 6
    np.testing.assert_allclose(got["policy"][at[1]], [1 / (1 + np.exp(2 * root)), 1 / (1 + np.exp(-2 * root))])


def test_starts_that_settle_find_attractors_only():
    settled = of_one_unit([2.0], n_settle=50).isel(subject=0)
    root = optimize.brentq(lambda h: h - np.tanh(2 * h), 0.5, 1)
    np.testing.assert_allclose(np.sort(settled["hidden"].values.ravel()), [-root, 0, root], atol=1e-8)
    assert settled["n_starts"].sel(point=np.abs(settled["hidden"].values.ravel()) > 0.1).values.tolist() == [3, 2]


def test_trials_that_repeat_have_a_point_of_their_own():
    """Two steps, with rewards of 1 and 0: h′ = tanh(h / 2 + 1), then tanh(h / 2)."""
    weights = rnn([0.5], [0.0])
    weights["core"][0, 5, 0] = 1.0
    steps = [{**SILENCE, "previous_reward": 1.0}, SILENCE]
    got = fixed_points(Network(core="rnn", units=1), weights, states(np.zeros((1, 1, 3, 1))), steps)
    root = optimize.brentq(lambda h: h - np.tanh(np.tanh(h / 2 + 1) / 2), -1, 1)
    middle = np.tanh(root / 2 + 1)
    np.testing.assert_allclose(got["hidden"].item(), root)
    np.testing.assert_allclose(got["value"].item(), middle + 1)
    slope = (0.5 * (1 - middle**2)) * (0.5 * (1 - root**2))
    np.testing.assert_allclose(got["eigenvalue_real"].item(), slope)
    np.testing.assert_allclose(got["time_constant"].item(), -1 / np.log(slope))


def test_subjects_may_have_different_numbers_of_points():
    got = of_one_unit([0.5, 2.0])
    assert got["kind"].values.tolist() == [["fixed", "", ""], ["fixed"] * 3]
    assert got["hidden"].values[0, 1:].tolist() == [[pytest.approx(np.nan, nan_ok=True)]] * 2
    assert got["n_starts"].sum("point").values.tolist() == [6, 6]


def test_a_slow_point_is_distinguished_from_a_fixed_one():
    # Just before its saddle-node bifurcation h = tanh(2h + b) has a ghost where the speed is least but not 0.
    edge = np.sqrt(0.5)
    bias = np.arctanh(edge) - 2 * edge - 0.02
    got = of_one_unit([2.0], [bias], starts=(0.6, 0.7, 0.8)).isel(subject=0)
    ghost = got.isel(point=(got["kind"] == "slow").values)
    assert ghost.sizes["point"] == 1
    residual = optimize.minimize_scalar(lambda h: (np.tanh(2 * h + bias) - h) ** 2 / 2, (0.5, 0.7, 0.9))
    np.testing.assert_allclose(ghost["hidden"].item(), residual.x, atol=1e-4)
    np.testing.assert_allclose(ghost["speed"].item(), residual.fun, rtol=1e-3)
    np.testing.assert_allclose(ghost["eigenvalue_real"].item(), 1, atol=0.02)


def test_a_constant_input_moves_the_point():
    weights = rnn([0.5], [0.0])
    weights["core"][0, 4, 0], weights["core"][0, 5, 0] = 0.7, -0.2  # the action "right", and the reward
    made = states(np.zeros((1, 1, 3, 1)))
    inputs = {**SILENCE, "previous_action": 1, "previous_reward": 2.0}
    got = fixed_points(Network(core="rnn", units=1), weights, made, inputs)
    root = optimize.brentq(lambda h: h - np.tanh(0.5 * h + 0.7 - 0.4), -1, 1)
    np.testing.assert_allclose(got["hidden"].item(), root)


def test_a_cell_that_forgets_nothing_is_a_line_of_marginal_points():
    # Open forget gate, closed input gate, open output gate: c stays whatever it is, and h = tanh(c).
    core = torch.zeros(1, 6 + 1 + 1, 4)
    core[0, -1] = torch.tensor([50.0, -50.0, 50.0, 0.0])
    weights = {"core": core, "heads": torch.zeros(1, 2, 3), "initial": torch.zeros(1, 2, 1)}
    cells = np.linspace(-2, 2, 9)[None, None, :, None]
    got = fixed_points(Network(units=1), weights, states(np.tanh(cells), cell=cells), SILENCE)
    assert got.sizes["point"] == 9
    np.testing.assert_allclose(np.sort(got["cell"].values.ravel()), np.linspace(-2, 2, 9), atol=1e-6)
    np.testing.assert_allclose(got["hidden"], np.tanh(got["cell"]), atol=1e-6)
    assert set(got["stability"].values.ravel()) == {"marginal"}
    np.testing.assert_allclose(got["eigenvalue_real"].isel(mode=0), 1)
    assert (got["kind"] == "fixed").all()


def test_a_recorded_cohort_is_looked_at_network_by_network():
    task, network = TwoStep(n_trials=5), Network(core="gru", units=4, critic="separate")
    weights = network.initial_weights(3, 2, noise.generators(0, (0, 1), "weights"))
    agent = Prefrontal(network, weights, 3, 2, task.n_steps, 0.9)
    made = record(task, agent, 3, seed=0, networks=(0, 1))
    inputs = {"observation": [1, 0, 0], "previous_action": 0, "rpe": 0.5}
    got = fixed_points(network, weights, made, inputs, n_starts=5)
    alone = {name: tensor[1:] for name, tensor in weights.items()}
    backwards = made.isel(network=slice(None, None, -1))
    assert fixed_points(network, weights, backwards, inputs, n_starts=5).equals(got)
    other = fixed_points(network, alone, made.isel(network=[1]), inputs, n_starts=5)
    np.testing.assert_allclose(got["hidden"].values[1, :1], other["hidden"].values[0, :1], atol=1e-6)
    assert got["option"].values.tolist() == ["left", "right"]
    assert "value" not in got
    assert (got["speed"].isel(point=0) < 1e-16).all()


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"observation": [0, 0, 0], "previous_action": 0}, "has observation, previous_action, previous_reward"),
        ({**SILENCE, "observation": [0, 0]}, "observation 2; the core has 6"),
        ({**SILENCE, "previous_action": 2}, r"\['previous_action'\] = 2: must be a number of an action, 0 to 1"),
        ({**SILENCE, "previous_reward": np.nan}, r"\['previous_reward'\] = nan: must be 1 finite"),
    ],
)
def test_inputs_that_are_not_those_of_the_core_are_refused(inputs, said):
    with pytest.raises(BadInput, match=said):
        fixed_points(Network(core="rnn", units=1), rnn([0.5], [0.0]), states(np.zeros((1, 1, 3, 1))), inputs)


def test_a_recording_of_others_is_refused():
    network, weights = Network(core="rnn", units=1), rnn([0.5], [0.0])
    with pytest.raises(BadInput, match="of 1 network with 2 units"):
        fixed_points(network, weights, states(np.zeros((1, 1, 3, 2))), SILENCE)
    with pytest.raises(BadInput, match="not finite"):
        fixed_points(network, weights, states(np.full((1, 1, 3, 1), np.nan)), SILENCE)
    with pytest.raises(BadInput, match="n_starts = 0"):
        of_one_unit([0.5], n_starts=0)


def test_a_network_without_a_core_of_the_package_is_refused():
    class Other:
        pass

    with pytest.raises(BadInput, match=r"^network = Other: fixed points are found for the cores of"):
        fixed_points(Other(), {}, states(np.zeros((1, 1, 3, 1))), SILENCE)
