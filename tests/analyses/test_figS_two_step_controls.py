import numpy as np
import xarray as xr

from analyses import figS_two_step_controls as figure


def test_the_planning_weight_beyond_one_trial_is_what_is_tested(ax):
    weight = np.zeros((2, 5, 3))
    weight[0] = np.array([5.0, 1, 1, 1, 1])[:, None] + np.array([-0.1, 0, 0.1])
    weight[1, 0] = 9
    weight[1, 2] = [-0.1, 0.2, -0.1]
    coords = {"who": ["networks", "extended_state"], "lag": [1, 2, 3, 4, 5]}
    lags = xr.Dataset({"planning_weight": (("who", "lag", "subject"), weight)}, coords)
    figure.draw_planning_weight(lags, ax=ax)
    # 4 ± 0.4 s.d. of three: t = 4 / (0.4 / √3) = 17.3
    assert "networks:\nt(2) = 17.3" in ax.texts[0].get_text()
