"""
What does the activity know?
============================

Which state is good is never shown to the network. It can be read from its units in both stages of a trial. A decoder of
one stage fails in the other, where the units carry the state in another way. Decoders are trained on some episodes and
tested on others.
"""

from matplotlib import pyplot as plt

import pfc_metarl
from pfc_metarl import measures
from pfc_metarl.experiments import load

task = load("two_step").task
recording = pfc_metarl.record(task, pfc_metarl.load("two_step"), n_episodes=40, seed=0)
good_state = pfc_metarl.trial_view(recording, "good_state", "second_stage")
decoded = measures.cross_temporal_decoding(recording, good_state, kind="classes", n_shuffles=2)
accuracy = decoded["score"].sel(metric="accuracy").mean("subject")

fig, ax = plt.subplots(figsize=(4, 3), layout="constrained")
accuracy.plot.line("o-", x="test_phase", hue="train_phase", ax=ax)
ax.axhline(0.5, color="grey", linestyle=":")
ax.set(ylabel="accuracy in other episodes", ylim=(0.4, 1), title="Decoded: which state is good")
plt.show()
