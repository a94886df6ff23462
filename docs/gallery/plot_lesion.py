"""
What is lost if units are silenced?
===================================

Units of a trained network are silenced, more and more of them, while its weights stay as they are. Reward falls from
that of the optimum towards chance.
"""

from matplotlib import pyplot as plt

import pfc_metarl
from pfc_metarl import measures
from pfc_metarl.experiments import load
from pfc_metarl.simulation.interventions import Edited, silence

agent, task = pfc_metarl.load("two_step"), load("two_step").task
numbers, rewards = (0, 8, 16, 24, 32, 40, 48), []
for n in numbers:
    lesion = Edited(f"{n} units silenced", silence(range(n))) if n else None
    recording = pfc_metarl.record(task, agent, n_episodes=30, seed=0, intervene=lesion)
    rewards.append(float(measures.reward_per_trial(recording)["reward_per_trial"].mean()))

fig, ax = plt.subplots(figsize=(4, 3), layout="constrained")
ax.plot(numbers, rewards, "ko-")
ax.axhline(0.5, color="grey", linestyle=":")
ax.set(xlabel="units silenced, of 48", ylabel="reward per trial", title="Reward falls as units are silenced")
plt.show()
