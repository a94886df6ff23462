"""The weights that the networks of a run began with, drawn again as in their training."""

from pfc_metarl.learning.base import INITIAL_WEIGHTS
from pfc_metarl.networks.network import Network
from pfc_metarl.networks.weights import Weights
from pfc_metarl.runs.run import Run
from pfc_metarl.simulation import noise


def initial_weights(run: Run, n_channels: int, n_actions: int) -> Weights:
    """Return the weights of a run's networks before training.

    Parameters
    ----------
    run : Run
    n_channels, n_actions : int
        Channels of the task's observation, and its actions.

    Returns
    -------
    dict of Tensor
        As in ``run.weights()``; the same as in the recordings of its untrained networks.
    """
    network = Network(**run.manifest["settings"]["network"])
    networks = range(int(run.manifest["settings"]["networks"]))
    return network.initial_weights(
        n_channels, n_actions, noise.generators(run.manifest["seed"], networks, INITIAL_WEIGHTS)
    )
