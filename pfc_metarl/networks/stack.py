"""A stack of recurrent cores: each layer reads the units of the one below, and the heads read the uppermost."""

from collections.abc import Mapping

from torch import Tensor

from pfc_metarl.networks.tape import Edit, Part, StepViews, Tape
from pfc_metarl.networks.weights import Weights, part

FEATURES = "features"
"""What a lower layer hands on: its units as they are, through heads that are the identity and do not learn."""


class Stack:
    """The activity of an episode in several layers; to the outside it is a `Tape`.

    Parameters
    ----------
    parts : mapping of Part
        Shapes of the layers from below, by the beginning of their weights' names; that of the uppermost is "".
    weights : Weights
        Shared, not copied, of all layers.
    n_steps, n_episodes : int
    traced : str, optional
        Name of the input of the lowest layer with respect to which `backward` takes the derivative too.
    """

    def __init__(
        self, parts: Mapping[str, Part], weights: Weights, n_steps: int, n_episodes: int, traced: str | None = None
    ) -> None:
        lowest = next(iter(parts))
        self.layers = {
            prefix: Tape(
                shape, part(weights, prefix), n_steps, n_episodes, traced if prefix == lowest else "observation"
            )
            for prefix, shape in parts.items()
        }
        self.bottom, *_, self.top = self.layers.values()
        self.part = self.top.part
        self.weights = self.top.weights

    @property
    def heads(self) -> Tensor:
        """Outputs of the heads, [step, network, episode, output]."""
        return self.top.heads

    @property
    def steps(self) -> list[StepViews]:
        """Where the uppermost layer writes."""
        return self.top.steps

    @property
    def input(self) -> Tensor:
        """The traced input of the lowest layer, [network, step, episode, width]."""
        return self.bottom.input

    @property
    def d_input(self) -> Tensor:
        """The derivative with respect to the traced input, [network, step, episode, width]."""
        return self.bottom.d_input

    def hidden_below(self, t: int) -> list[Tensor]:
        """Return the hidden units after step `t` of every layer but the uppermost, from below."""
        return [layer.steps[t].hidden for layer in list(self.layers.values())[:-1]]

    def rewind(self) -> None:
        """Start a new episode with the present weights."""
        for layer in self.layers.values():
            layer.rewind()

    def step(
        self,
        t: int,
        observation: Tensor,
        action: Tensor,
        reward: Tensor,
        rpe: Tensor | None = None,
        edit: Edit | None = None,
        cell_edit: Edit | None = None,
    ) -> None:
        """Compute step `t` of all layers; edits are those of the uppermost. See `Tape.step`."""
        features = self._features(t, observation, action, reward, rpe)
        self.top.step(t, features, action, reward, rpe, edit, cell_edit)

    def act(
        self, t: int, observation: Tensor, action: Tensor, reward: Tensor, rpe: Tensor | None, noise: Tensor
    ) -> Tensor:
        """Compute step `t` and choose by the logits of the uppermost layer; see `Tape.act`."""
        return self.top.act(t, self._features(t, observation, action, reward, rpe), action, reward, rpe, noise)

    def _features(self, t: int, observation: Tensor, action: Tensor, reward: Tensor, rpe: Tensor | None) -> Tensor:
        """Compute step `t` of all layers but the uppermost, and return what it is given."""
        *below, _ = self.layers.values()
        for layer in below:
            layer.step(t, observation, action, reward, rpe)
            observation = layer.steps[t].outputs[FEATURES]
        return observation

    def backward(self, d_heads: Tensor) -> Weights:
        """Return the gradient of a scalar with respect to the weights of all layers; see `Tape.backward`."""
        gradients: Weights = {}
        for prefix, layer in reversed(self.layers.items()):
            gradients |= {f"{prefix}{name}": gradient for name, gradient in layer.backward(d_heads).items()}
            d_heads = layer.d_input.transpose(0, 1)
        return gradients
