import numpy as np

from analyses import foraging_units
from pfc_metarl.data.example import example_recording
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures import previous


def test_units_are_counted_in_a_trial_of_every_episode(monkeypatch):
    monkeypatch.setattr(foraging_units, "N_TRIALS", 60)
    lived = example_recording(n_networks=1, n_episodes=60, n_trials=5).rename_vars(hidden="other")
    activity = lived["other"].sel(unit=["choice", "noise"]).copy()
    action = previous(trial_view(lived, "action", "choice"))
    activity[..., 0] += 5 * np.repeat(action.fillna(0).values, 2, axis=-1)
    test = lived.drop_dims("unit").assign(hidden=activity)
    monkeypatch.setattr(foraging_units, "signatures", lambda made: {"last action": action})
    found = foraging_units.counted({"trained": test, "untrained": test})
    assert found["trained"]["n_trials"].values.tolist() == [60]
    assert found["trained"]["p_significant"].sel(regressor="last action").values.tolist() == [0.5]
