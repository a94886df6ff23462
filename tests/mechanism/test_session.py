import dataclasses

import numpy as np
import pytest

from pfc_metarl.experiments import load
from pfc_metarl.experiments.base import Causality, Cause
from pfc_metarl.mechanism.session import edited_behaviour
from pfc_metarl.mechanism.targets import KINDS
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation import noise

DIRECTIONS = ["direction", "random directions", "choice direction", "direction beyond choice", "random beyond choice"]
UNITS = ["top units", "bottom units", "random units"]
TARGETS = [*DIRECTIONS, *(f"{name}, cells too" for name in DIRECTIONS), *UNITS, "displaced", "displaced, cells too"]
"""Of random ones there are as many as draws."""
ONLY_REMOVED = [name for name in TARGETS if "choice" in name or "displaced" in name]
CAUSE = "good state"


def small(**changes):
    """The two-step experiment with two small networks."""
    experiment = load("two_step")
    task = dataclasses.replace(experiment.task, n_trials=10)
    network = dataclasses.replace(experiment.network, units=6)
    return dataclasses.replace(experiment, networks=2, task=task, network=network, **changes)


@pytest.fixture(scope="module")
def weights():
    experiment = small()
    sizes = len(experiment.task.channel_names), len(experiment.task.action_names)
    return experiment.network.initial_weights(*sizes, noise.generators(0, (0, 1), "tests"))


@pytest.fixture(scope="module")
def got(weights):
    return edited_behaviour(small(), weights, seed=0, episodes=3, draws=2, units=3)


def test_every_target_is_removed_and_alone_left_free(got):
    assert got["cause"].values.tolist() == [CAUSE]
    assert got["judged_by"].values.tolist() == ["reward_per_trial"]
    assert got["target"].values.tolist() == TARGETS
    assert got["kind"].values.tolist() == list(KINDS)
    n = got["reward_per_trial"].sel(cause=CAUSE).notnull().sum("draw")
    wanted = [2 if "random" in name or "displaced" in name else 1 for name in TARGETS]
    assert n.sel(kind="removed").values.tolist() == [wanted] * 2
    assert (n.sel(kind="kept", target=ONLY_REMOVED) == 0).all()
    others = [name for name in TARGETS if name not in ONLY_REMOVED]
    assert n.sel(target=others, kind="kept").equals(n.sel(target=others, kind="removed").assign_coords(kind="kept"))
    for effect in ("planning_index", "model_free_index", "reward_per_trial"):
        assert {effect, f"intact_{effect}", f"chance_{effect}"} <= set(got)
    fraction = got["variance_fraction"].dropna("target")
    assert fraction["target"].values.tolist() == DIRECTIONS
    assert set(fraction.dims) == {"cause", "target", "phase", "subject"}
    assert ((fraction > 0) & (fraction < 1)).all()
    assert (got.attrs["episodes"], got.attrs["units"], got.attrs["seed"]) == (3, 3, 0)


def test_top_removed_is_bottom_left_free_where_they_are_halves(got):
    of_draw = got.isel(draw=0)["reward_per_trial"]
    for target, other in (("top units", "bottom units"), ("bottom units", "top units")):
        one, same = of_draw.sel(target=target, kind="removed"), of_draw.sel(target=other, kind="kept")
        np.testing.assert_array_equal(one, same)


def test_the_same_seed_gives_the_same_numbers(got, weights):
    with_half_of_the_units = edited_behaviour(small(), weights, seed=0, episodes=3, draws=2)
    assert with_half_of_the_units.identical(got)
    assert not edited_behaviour(small(), weights, seed=2, episodes=3, draws=2, units=3).equals(got)


def test_a_network_without_a_direction_is_named(weights):
    with pytest.raises(BadInput, match=r"Network \d has 0 trials with label = \d"):
        edited_behaviour(small(), weights, seed=1, episodes=3, draws=2, units=3)


def test_several_causes_have_the_same_random_units(weights):
    of_two_step = load("two_step").causality
    causes = {"state": of_two_step.causes[CAUSE], "again": Cause(variable="good_state", effect="x")}
    agents = {"model_based": load("two_step").probes["test"].yoked["model_based"]}
    experiment = small(causality=dataclasses.replace(of_two_step, causes=causes, yoked=agents))
    reported = []
    made = edited_behaviour(
        experiment, weights, seed=0, episodes=3, draws=1, units=1, report=lambda *what: reported.append(what)
    )
    assert made["cause"].values.tolist() == list(causes)
    assert [what[:4] for what in reported] == [
        (c, target, kind, 0)
        for c in causes
        for target in TARGETS
        for kind in (KINDS[:1] if target in ONLY_REMOVED else KINDS)
    ]
    reward = made["reward_per_trial"]
    assert reward.sel(cause="state", target="random units").equals(
        reward.sel(cause="again", target="random units").assign_coords(cause="state")
    )
    assert made["judged_by"].values.tolist() == ["reward_per_trial", "x"]


@pytest.mark.parametrize(
    ("variable", "said"),
    [("nothing", "variable = 'nothing'"), ("trial", "label: must have two values, not 10")],
)
def test_a_cause_that_cannot_be_found_is_refused(weights, variable, said):
    causes = {"x": Cause(variable=variable, effect="reward_per_trial")}
    experiment = small(causality=Causality(causes=causes, behaviour=load("two_step").causality.behaviour))
    with pytest.raises(BadInput, match=said):
        edited_behaviour(experiment, weights, seed=0, episodes=2, units=3)


def test_an_experiment_without_causes_is_refused(weights):
    with pytest.raises(BadInput, match="experiment names no causes"):
        edited_behaviour(small(causality=None), weights, seed=0)
