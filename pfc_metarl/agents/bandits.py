"""Bandits, and every task whose trials are single steps, for models of trials."""

from pfc_metarl.agents.base import Percept
from pfc_metarl.agents.translation import Preferences, Translation
from pfc_metarl.models.base import Experience, Model, State
from pfc_metarl.settings import settings


@settings
class BanditTranslation(Translation):
    """A step is a trial, and every action is an option."""

    def n_options(self, n_actions: int) -> int:
        return n_actions

    def begin(self, shape: tuple[int, int]) -> None:
        return None

    def perceive(self, trial: None, percept: Percept, model: Model, state: State) -> tuple[None, Experience]:
        choice = percept.previous_action
        return None, Experience(choice, percept.previous_reward, finished=choice >= 0)

    def prefer(self, trial: None, percept: Percept, model: Model, state: State, n_actions: int) -> Preferences:
        return Preferences(model.logits(state), {"action_value": model.values(state)})
