"""
What does dopamine report?
==========================

The reward-prediction error of a trained network at the outcome, with and without a reward. Each has a peak near 0 and
one far from it: what the network expected gives a smaller error than what it did not expect.
"""

from matplotlib import pyplot as plt

import pfc_metarl
from pfc_metarl.experiments import load

task = load("two_step").task
recording = pfc_metarl.record(task, pfc_metarl.load("two_step"), n_episodes=100, seed=0)
rpe = pfc_metarl.trial_view(recording, "rpe", "second_stage").values.ravel()
trials = pfc_metarl.trials(recording)

fig, ax = plt.subplots(figsize=(4, 3), layout="constrained")
for reward, style in ((1, "-"), (0, "--")):
    ax.hist(rpe[trials["reward"].to_numpy() == reward], 40, histtype="step", linestyle=style, color="k", label=reward)
ax.set(xlabel="reward-prediction error", ylabel="trials", title="Prediction errors at the outcome")
ax.legend(title="reward")
plt.show()
