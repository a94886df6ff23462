import numpy as np
import xarray as xr

from analyses import figS_causality
from pfc_metarl.measures import causal_role
from tests.measures.test_causality import effects


def test_bars_are_means_over_draws_and_networks(ax):
    made = effects(0.52, 0.65)["reward_per_trial"]
    made[1, 0, 0, 0] = 0.54
    figS_causality.draw_effects(made, "removed", {"intact": xr.DataArray([0.7], dims="subject")}, ax=ax)
    np.testing.assert_allclose([bar.get_height() for bar in ax.patches], [0.53, 0.68, 0.6, 0.7, 0.68])
    assert ax.lines[-1].get_ydata()[0] == 0.7


def test_each_network_is_drawn_at_its_role(ax):
    made = effects(0.52, 0.65)
    figS_causality.draw_roles(made, causal_role(made), ax=ax)
    belief = ax.lines[0]
    np.testing.assert_allclose(belief.get_xdata(), [0.1, 0.1])
    np.testing.assert_allclose(belief.get_ydata(), [0.75, 0.75])
    assert "lost without it,\nand sufficient\n(belief: 2 of 2)" in [text.get_text() for text in ax.texts]
