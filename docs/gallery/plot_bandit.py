"""
How fast does a network explore?
================================

Reward in each trial of an episode with two arms. The network begins at chance, tries both arms, and settles, although
no weight changes. A random agent meets the same worlds.
"""

from matplotlib import pyplot as plt

import pfc_metarl
from pfc_metarl import agents
from pfc_metarl.experiments import load

task = load("bandit_independent").task
fig, ax = plt.subplots(figsize=(4, 3), layout="constrained")
for name, agent, style in (
    ("network", pfc_metarl.load("bandit_independent"), "-"),
    ("random", agents.Random(), ":"),
):
    recording = pfc_metarl.record(task, agent, n_episodes=300, seed=0)
    trials = pfc_metarl.trials(recording)
    reward = trials.groupby("trial")["reward"].mean()
    ax.plot(reward.index + 1, reward.rolling(5, min_periods=1).mean(), style, color="k", label=name)
ax.set(xlabel="trial", ylabel="reward, mean of five trials", title="Reward rises within an episode")
ax.legend()
plt.show()
