import numpy as np
import pandas as pd
import xarray as xr

from analyses import figW4_two_step as figure


def test_stays_are_counted_trial_by_trial():
    table = pd.DataFrame({"subject": 0, "session": np.repeat([0, 1], 3), "trial": [0, 1, 2] * 2, "common": 1})
    table = table.assign(choice1=[0, 0, 1, 1, 0, 0], reward=[1, 1, 1, 1, 0, 0], state2=0)
    stay = figure.by_trial(table)["stay_probability"].sel(subject=0, outcome="rewarded", transition="common")
    assert stay.sel(trial=2).item() == 0.5  # the first session stays, the second does not
    assert stay.sel(trial=3).item() == 0  # only the first session was rewarded in trial 2


def test_the_ideal_observer_is_drawn_over_the_networks(ax):
    coords = {
        "who": ["networks", "latent_state"],
        "outcome": ["rewarded", "unrewarded"],
        "transition": ["common", "rare"],
    }
    values = np.zeros((2, 2, 2, 2))
    values[0, :, 0, 0], values[1, :, 0, 0] = [0.8, 0.9], 1.0
    figure.draw_stay(xr.DataArray(values, coords, ("who", "subject", "outcome", "transition")), "", ax=ax)
    assert ax.patches[0].get_height() == np.mean([0.8, 0.9])
    assert 1.0 in [line.get_ydata()[0] for line in ax.lines]
