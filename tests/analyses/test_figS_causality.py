import numpy as np
import xarray as xr
from scipy import stats
from statsmodels.stats.multitest import multipletests

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


def all_effects():
    """Effects of every target that is drawn, in four networks, both behaviours."""
    random = np.random.default_rng(0)
    targets = list(figS_causality.TARGETS)
    values = random.normal(size=(4, len(targets), 2, 3))
    coords = {"subject": range(4), "target": targets, "kind": ["removed", "kept"], "draw": range(3)}
    dims = ("subject", "target", "kind", "draw")
    return xr.Dataset({name: (dims, values + 0.5 * k) for k, name in enumerate(figS_causality.BEHAVIOURS)}, coords)


def test_pairs_are_tested_over_networks_and_corrected_for_all_tests_of_the_figure():
    made = all_effects()
    got = figS_causality.compared(made)
    raw = []
    for name in figS_causality.BEHAVIOURS:
        for kind, pairs in figS_causality.COMPARED.items():
            for first, second in pairs:
                own, other = (made[name].sel(kind=kind, target=target).mean("draw") for target in (first, second))
                raw.append(stats.ttest_rel(own, other).pvalue)
    wanted = multipletests(raw, method="holm")[1]
    np.testing.assert_allclose([p for each in got.values() for p in each], wanted)


def test_brackets_join_the_targets_that_are_compared(ax):
    pairs = figS_causality.COMPARED["removed"]
    figS_causality.draw_effects(all_effects()["reward_per_trial"], "removed", {}, ax=ax)
    n = len(ax.lines)
    figS_causality.draw_brackets([0.0001, 0.02, 1.0, 0.3, 0.4], "removed", 2.0, 0.1, ax=ax)
    order = list(figS_causality.TARGETS)
    assert [list(line.get_xdata()) for line in ax.lines[n:]] == [[order.index(each) for each in pair] for pair in pairs]
    assert [text.get_text() for text in ax.texts] == ["p < 0.001", "p = 0.02", "p = 1", "p = 0.3", "p = 0.4"]
