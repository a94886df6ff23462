import pytest

from pfc_metarl.networks.base import Architecture
from pfc_metarl.networks.encoder import Encoder
from pfc_metarl.networks.network import Network


class Bare(Architecture):
    """Defines what it must and nothing else."""

    def initial_weights(self, n_channels, n_actions, generators):
        return {}

    def activity(self, weights, n_channels, n_actions, n_steps, n_episodes, discount):
        raise NotImplementedError


def test_by_default_all_weights_learn_at_the_learners_rate_and_dopamine_is_no_input():
    bare = Bare()
    assert bare.learns("anything")
    assert bare.learning_rate_fraction("anything") == 1
    assert not bare.has_rpe_input
    assert bare.readouts == {"logits": ("option",), "value": (), "hidden": ("unit",)}


def test_undefined_methods_are_reported():
    with pytest.raises(TypeError, match="abstract"):
        Architecture()


def test_the_network_of_the_papers_says_what_is_different():
    encoder = Encoder(learned=False, learning_rate_fraction=0.5)
    network = Network(critic="separate", encoder=encoder, learned_initial_state=False)
    assert network.has_rpe_input
    assert set(network.readouts) == {"logits", "value", "hidden", "cell", "rpe_input"}
    learns = {name: network.learns(name) for name in ("core", "critic.heads", "critic.initial", "encoder.filters")}
    assert learns == {"core": True, "critic.heads": True, "critic.initial": False, "encoder.filters": False}
    assert [network.learning_rate_fraction(name) for name in ("core", "encoder.filters")] == [1.0, 0.5]
