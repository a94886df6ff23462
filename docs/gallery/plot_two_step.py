"""
Does a network plan?
====================

A trained network chooses in the two-step task. After a rare transition, a planner stays less often after a reward and
more often after none. The trials of a rat or a person go through the same measure.
"""

import numpy as np
from matplotlib import pyplot as plt

import pfc_metarl
from pfc_metarl import measures
from pfc_metarl.experiments import load

task = load("two_step").task
recording = pfc_metarl.record(task, pfc_metarl.load("two_step"), n_episodes=100, seed=0)
stay = measures.stay_probability(pfc_metarl.trials(recording))["stay_probability"].mean("subject")

fig, ax = plt.subplots(figsize=(4, 3), layout="constrained")
for shift, transition in ((-0.2, "common"), (0.2, "rare")):
    ax.bar(np.arange(2) + shift, stay.sel(transition=transition), 0.35, label=transition, edgecolor="k")
ax.set_xticks([0, 1], [str(name) for name in stay["outcome"].values])
ax.set(ylabel="probability of staying", ylim=(0.5, 1), title="Stay after each kind of trial")
ax.legend(title="transition")
plt.show()
