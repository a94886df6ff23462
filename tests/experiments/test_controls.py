import pytest

from pfc_metarl.experiments import load
from pfc_metarl.experiments.controls import CONTROLS

OF = {
    "bandit_correlated": ("feedforward", "no_reward", "no_action", "rnn", "lstm"),
    "two_step": ("no_action",),
    "harlow_objects": ("no_action", "rnn", "gru"),
    "maze": ("feedforward", "no_reward", "no_action", "rnn"),
}
CASES = [(name, control) for name, controls in OF.items() for control in controls]


@pytest.mark.parametrize(("name", "control"), CASES)
def test_a_control_differs_in_its_network_alone_and_has_no_criterion(name, control):
    whole, made = load(name), load(f"{name}_{control}")
    (setting,) = CONTROLS[control][1]
    for field in ("core", "units", "inputs", "critic", "learned_initial_state"):
        same = getattr(made.network, field) == getattr(whole.network, field)
        assert same == (field != setting)
    assert made.task == whole.task
    assert made.learner.updates == whole.learner.updates
    assert made.probes["test"].changes == whole.probes["test"].changes
    assert all(headline.criterion is None for headline in made.headlines)
    assert not made.probes["test"].plastic


@pytest.mark.parametrize("name", OF)
def test_the_plastic_control_differs_in_its_test_alone(name):
    whole, made = load(name), load(f"{name}_plastic")
    assert (made.task, made.network) == (whole.task, whole.network)
    assert made.learner == whole.learner
    assert made.probes["test"].plastic
    assert not whole.probes["test"].plastic
    assert made.probes["test"].changes == whole.probes["test"].changes
