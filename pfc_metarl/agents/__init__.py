"""What can act: networks, models of trials, and chance level."""

from pfc_metarl.agents.base import Agent, AgentDefaults, Percept
from pfc_metarl.agents.prefrontal import Prefrontal
from pfc_metarl.agents.random import Random
from pfc_metarl.agents.translation import Preferences, Translation
from pfc_metarl.agents.trial_agent import TrialAgent, agent_of

__all__ = [
    "Agent",
    "AgentDefaults",
    "Percept",
    "Preferences",
    "Prefrontal",
    "Random",
    "Translation",
    "TrialAgent",
    "agent_of",
]
