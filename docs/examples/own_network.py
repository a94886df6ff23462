"""A network of your own: a plain torch module, trained by the package's learner in one of its tasks.

Run it with ``python -m pfc_metarl.simulate docs/examples/own_network.py``.
"""

from torch import Tensor, nn

from pfc_metarl import A2C, Experiment, ModuleNetwork, settings
from pfc_metarl.tasks import TwoStep


class TwoLayers(nn.Module):
    """Two stacked layers of gated recurrent units; the second one is recorded and read out."""

    def __init__(self, n_inputs: int, n_units: int, n_actions: int) -> None:
        super().__init__()
        self.first, self.second = nn.GRUCell(n_inputs, n_units), nn.GRUCell(n_units, n_units)
        self.policy, self.value = nn.Linear(n_units, n_actions), nn.Linear(n_units, 1)

    def forward(self, features: Tensor, state: tuple[Tensor, Tensor] | None) -> tuple[Tensor, Tensor]:
        second, first = (None, None) if state is None else state
        first = self.first(features, first)
        return self.second(first, second), first  # what is recorded comes first

    def heads(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        return self.policy(hidden), self.value(hidden).squeeze(-1)


@settings
class MyNetwork(ModuleNetwork):
    n_units: int = 16

    def module(self, n_inputs: int, n_actions: int) -> nn.Module:
        return TwoLayers(n_inputs, self.n_units, n_actions)


LEARNER = A2C(updates=200, initial_learning_rate=0.01, discount=0.5, max_gradient_norm=1.0)
CLAIM = "A two-layer network also learns the task."
EXPERIMENT = Experiment(claim=CLAIM, task=TwoStep(n_trials=50), network=MyNetwork(), learner=LEARNER)
