import matplotlib.pyplot as plt
import numpy as np

from analyses import reversal_activity
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_OF
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import InferredValue

SIDES = tuple(reversal_activity.LABELS)


def test_components_are_those_of_trials_n_and_n_plus_one():
    made = record(InferredValue(), REFERENCE_AGENTS_OF[InferredValue]["reversal_observer"], 40, seed=0, networks=(0, 1))
    noise = np.random.default_rng(0).normal(0, 0.01, (*made["value"].shape, 2))
    activity = np.stack([made[name] for name in SIDES], -1) + noise
    found = reversal_activity.components(made.assign(hidden=(("network", "episode", "step", "unit"), activity)))
    assert dict(found.sizes) | {"dot": 0} == {"lag": 2, "phase": 4, "dot": 0, "component": 2}
    kept = found.sel(lag=1, phase="cue").dropna("dot")
    assert 10 < kept.sizes["dot"] <= reversal_activity.MAX_DOTS
    # either side's unit is a component: together they separate latent state and cue
    score, sides = kept["score"].values, np.stack([kept[name] for name in SIDES], -1)
    fitted = np.abs(np.corrcoef(score.T, sides.T)[:2, 2:])
    assert fitted.max(axis=0).min() > 0.6
    made, axes = plt.subplots(1, 4)
    reversal_activity.draw_components(found.sel(lag=0), list(axes))
    assert [ax.get_title() for ax in axes] == list(found["phase"].values)
    assert (
        sum(len(line.get_xdata()) for line in axes[0].lines) == found.sel(lag=0, phase="cue").dropna("dot").sizes["dot"]
    )
    plt.close(made)
