import numpy as np
import pytest
import torch

from pfc_metarl.agents import Percept, Prefrontal, Random
from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.network import Network
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation import interventions, noise
from pfc_metarl.simulation.interventions import (
    Edited,
    clamp,
    displaced,
    only_directions,
    scale,
    silence,
    without_directions,
)
from pfc_metarl.simulation.recording import record
from pfc_metarl.simulation.rollout import rollout
from pfc_metarl.tasks import Bandit, TwoStep
from tests.networks.test_cores import textbook_step

TASK = TwoStep(n_trials=6)
UNITS, NETWORKS = 5, (0, 1)


def agent_of(task=TASK, core="lstm", **settings):
    network = Network(core=core, units=UNITS, **settings)
    sizes = len(task.channel_names), len(task.action_names)
    weights = network.initial_weights(*sizes, noise.generators(0, NETWORKS, "weights"))
    weights["heads"].mul_(20)
    return Prefrontal(network, weights, *sizes, task.n_steps, 0.9)


def lived(edit=None, agent=None, **options):
    intervene = None if edit is None else Edited("edit", edit)
    options = {"n_episodes": 4, "seed": 0, "networks": NETWORKS, **options}
    return record(TASK, agent or agent_of(), intervene=intervene, **options)


@pytest.mark.parametrize("core", CORES)
def test_what_an_edit_leaves_is_what_heads_and_the_next_step_see(core, monkeypatch):
    monkeypatch.setattr("tests.networks.test_cores.N_INPUTS", 3 + 2 + 1)
    agent = agent_of(core=core)
    made = lived(scale([1, 3], -0.5), agent=agent)
    weights = {name: tensor.double() for name, tensor in agent.weights.items()}
    h, c = (weights["initial"][:, state].unsqueeze(1).expand(-1, 4, -1) for state in (0, -1))
    gain = torch.tensor([1, -0.5, 1, -0.5, 1]).double()
    action, reward = (torch.from_numpy(made[name].values) for name in ("action", "reward"))
    for t in range(TASK.n_steps):
        seen = torch.from_numpy(made["observation"].values[:, :, t]).double()
        before = torch.eye(2).double()[action[:, :, t - 1].long()] * (t > 0)
        x = torch.cat([seen, before, reward[:, :, t - 1, None].double() * (t > 0)], -1)
        h, c = textbook_step(core, x, h, c, weights["core"])
        h = h * gain
        np.testing.assert_allclose(made["hidden"].values[:, :, t], h, atol=1e-5)
        heads = h @ weights["heads"][:, :-1] + weights["heads"][:, -1:]
        np.testing.assert_allclose(made["policy"].values[:, :, t], heads[..., :2].softmax(-1), atol=1e-5)
        np.testing.assert_allclose(made["value"].values[:, :, t], heads[..., 2], atol=1e-4)
    assert made.attrs["intervention"] == "edit"


def test_an_edit_that_changes_nothing_changes_nothing():
    plain, edited = lived(), lived(scale([0, 1], 1.0))
    assert plain.equals(edited)
    assert plain.equals(lived(silence([])))


def test_silent_units_are_silent_and_the_world_is_the_same():
    plain, made = lived(), lived(silence([0, 4]))
    assert (made["hidden"].isel(unit=[0, 4]) == 0).all()
    assert not (made["hidden"].isel(unit=[1, 2, 3]) == 0).any()
    assert not made["policy"].equals(plain["policy"])
    assert made["good_state"].equals(plain["good_state"])


def test_each_network_has_its_own_units_and_values():
    units = torch.tensor([[True, False, False, False, False], [False, True, True, False, False]])
    held = torch.arange(10.0).reshape(2, 5) / 20
    made = lived(clamp(units, held))["hidden"]
    assert (made.isel(network=0, unit=0) == 0).all()
    assert (made.isel(network=1, unit=1) == np.float32(0.3)).all()
    assert (made.isel(network=1, unit=2) == np.float32(0.35)).all()
    assert made.isel(network=1, unit=0).std() > 0


def test_activity_is_displaced_as_far_as_its_direction_is_removed_from_the_centre():
    hidden, centre = torch.tensor([[[3.0, 1.0, 0.0]]]), torch.tensor([[1.0, 5.0, 0.0]])
    made = displaced(torch.tensor([[-4.0, 0.0, 0.0]]), torch.tensor([[0.0, 3.0, 4.0]]), centre)(hidden)
    np.testing.assert_allclose(made, [[[3.0, 1.0 + 2 * 0.6, 2 * 0.8]]])  # measured along −x it is −2; minus that


def test_directions_are_removed_or_alone_kept():
    rng = np.random.default_rng(0)
    directions = torch.from_numpy(rng.normal(size=(2, 2, UNITS)))
    centre = torch.from_numpy(rng.normal(size=(2, UNITS))) / 10
    for edit, lost in ((without_directions, True), (only_directions, False)):
        made = lived(edit(directions, centre))["hidden"].values.astype(float)
        deviation = torch.from_numpy(made - centre.numpy()[:, None, None]).flatten(1, 2)
        kept = torch.linalg.lstsq(directions.mT, deviation.mT).solution.mT @ directions
        assert (kept.abs().max() < 1e-5) == lost
        assert ((deviation - kept).abs().max() < 1e-5) == (not lost)


def test_the_length_and_angle_of_directions_do_not_matter():
    directions = torch.tensor([[[1.0, 0, 0, 0, 0], [0, 1, 0, 0, 0]]]).expand(2, -1, -1)
    oblique = torch.stack([3 * directions[:, 0], directions[:, 0] - 0.2 * directions[:, 1]], 1)
    hidden = torch.randn(2, 3, UNITS, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(without_directions(directions)(hidden), silence([0, 1])(hidden))
    torch.testing.assert_close(without_directions(oblique)(hidden), silence([0, 1])(hidden))
    torch.testing.assert_close(only_directions(oblique)(hidden), silence([2, 3, 4])(hidden))


def test_an_edit_can_be_held_to_a_phase():
    made = lived({1: silence([2])})["hidden"].isel(unit=2).values
    assert (made[:, :, 1::2] == 0).all()
    assert not (made[:, :, ::2] == 0).any()
    made = lived({1: silence([2]), 0: clamp([2], 0.25)})["hidden"].isel(unit=2).values
    assert (made[:, :, 1::2] == 0).all()
    assert (made[:, :, ::2] == 0.25).all()


def test_worlds_that_are_not_in_the_same_phase_are_edited_each_in_its_own():
    class State:
        phase = torch.tensor([[0, 1, 2]])

    blank = torch.zeros(1, 3)
    edit = Edited("x", {1: clamp([0], 5.0), 2: clamp([0], 6.0)})(Percept(blank, blank, blank), State).edit
    assert edit(torch.ones(1, 3, 2)).tolist() == [[[1, 1], [5, 1], [6, 1]]]


def test_the_first_step_of_an_edit_is_the_first_that_differs():
    plain, made = lived(), lived({1: silence([2])})
    assert made["policy"].isel(step=0).equals(plain["policy"].isel(step=0))
    assert not made["policy"].isel(step=1).equals(plain["policy"].isel(step=1))


def test_only_the_actor_of_a_separate_critic_is_edited():
    made = lived(silence(range(UNITS)), agent=agent_of(critic="separate"))
    assert (made["hidden"] == 0).all()
    assert made["value"].std() > 0


def cut(weights, unit):
    """The same weights, but nothing reads the unit."""
    made = {name: tensor.clone() for name, tensor in weights.items()}
    rows = made["core"].shape[1] - UNITS - 1
    made["core"][:, rows + unit] = 0
    made["heads"][:, unit] = 0
    return made


def test_a_unit_clamped_at_zero_is_equivalent_to_a_removed_unit():
    agent, unit = agent_of(), 2
    weights = cut(agent.weights, unit)
    others = [other for other in range(UNITS) if other != unit]
    alone = Prefrontal(agent.network, weights, agent.n_channels, agent.n_actions, agent.n_steps, agent.discount)
    made = record(TASK, agent, 4, 0, networks=NETWORKS, intervene=Edited("x", silence([unit]), silence([unit])))
    expected = lived(agent=alone)
    assert (made["hidden"].sel(unit=unit) == 0).all()
    assert (made["cell"].sel(unit=unit) == 0).all()
    for name in ("action", "reward", "good_state"):
        assert made[name].equals(expected[name])
    for name in ("policy", "value"):
        np.testing.assert_allclose(made[name], expected[name], atol=1e-6)
    np.testing.assert_allclose(made["hidden"].sel(unit=others), expected["hidden"].sel(unit=others), atol=1e-6)
    assert not made["action"].equals(lived(agent=agent)["action"]), "the unit had a say before"


@pytest.mark.parametrize("with_cells", [True, False])
def test_a_silenced_unit_keeps_its_cell_unless_that_is_clamped_too(with_cells, monkeypatch):
    # All units at zero at the first stage of every trial: the second stage starts from nothing, or from the cells.
    monkeypatch.setattr("tests.networks.test_cores.N_INPUTS", 3 + 2 + 1)
    agent, everything = agent_of(), {0: silence(range(UNITS))}
    edit = Edited("x", everything, everything if with_cells else None)
    made = record(TASK, agent, 4, 0, networks=NETWORKS, intervene=edit)
    seen = torch.from_numpy(made["observation"].values[:, :, 1::2]).double()
    before = torch.eye(2).double()[torch.from_numpy(made["action"].values[:, :, ::2]).long()]
    x = torch.cat([seen, before, torch.zeros(*seen.shape[:-1], 1)], -1).flatten(1, 2)
    nothing = torch.zeros(*x.shape[:2], UNITS).double()
    hidden, _ = textbook_step("lstm", x, nothing, nothing, agent.weights["core"].double())
    started_anew = np.isclose(made["hidden"].values[:, :, 1::2], hidden.reshape(2, 4, -1, UNITS), atol=1e-5)
    assert started_anew.all() == with_cells


@pytest.mark.parametrize("core", ["gru", "rnn", "feedforward"])
def test_a_core_without_cells_has_none_to_edit(core):
    with pytest.raises(BadInput, match="the units of this network have no cells"):
        record(TASK, agent_of(core=core), 2, 0, networks=NETWORKS, intervene=Edited("x", silence([]), silence([0])))


def test_cells_can_be_edited_alone():
    made = record(TASK, agent_of(), 2, 0, networks=NETWORKS, intervene=Edited("x", {}, clamp([1], 0.5)))
    assert (made["cell"].sel(unit=1) == 0.5).all()
    assert made["hidden"].isel(step=0).equals(lived(n_episodes=2)["hidden"].isel(step=0))


def test_an_agent_without_units_cannot_be_edited(noise_of):
    with pytest.raises(BadInput, match="Random has no units"):
        rollout(TASK, Random(), noise_of(TASK), Edited("x", silence([0])))


def test_edits_fit_any_task():
    task = Bandit(n_trials=6)
    made = record(task, agent_of(task), 3, seed=0, networks=NETWORKS, intervene=Edited("x", silence([1])))
    assert (made["hidden"].sel(unit=1) == 0).all()


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda: silence([1, 7]), r"units = \[7\]: units are numbered from 0 to 4"),
        (lambda: silence([-1]), r"units = \[-1\]"),
        (lambda: silence(torch.ones(2, 4, dtype=torch.bool)), r"bools, shape \[2, 5\]"),
        (lambda: silence(torch.ones(2, 5)), "must hold bools"),
        (lambda: clamp([1], torch.zeros(2, 3)), r"values: must have shape \[2, 5\]"),
        (lambda: without_directions(torch.zeros(2, 1, 5)), "is zero, or a combination of the others"),
        (lambda: only_directions(torch.ones(2, 2, 5)), "is zero, or a combination of the others"),
        (lambda: without_directions(torch.full((2, 1, 5), torch.nan)), "must be finite numbers"),
        (lambda: without_directions(torch.ones(5)), r"shape \[network, direction, unit\]"),
    ],
)
def test_what_cannot_be_edited_is_refused(edit, said):
    with pytest.raises(BadInput, match=said):
        lived(edit())


def test_edits_are_shown_as_they_are_made():
    assert repr(silence([1, 2])) == "silence([1, 2])"
    assert repr(clamp(torch.ones(1, 3, dtype=torch.bool), 0.5)) == "clamp(<[1, 3]>, 0.5)"
    assert repr(Edited("none", scale([0], 2.0))) == "Edited('none', scale([0], 2.0))"
    assert repr(without_directions(torch.ones(1, 1, 3))) == "without_directions(<[1, 1, 3]>)"


def test_the_module_shows_its_public_names_only():
    assert dir(interventions) == [
        "Edited",
        "clamp",
        "displaced",
        "only_directions",
        "scale",
        "silence",
        "without_directions",
    ]
