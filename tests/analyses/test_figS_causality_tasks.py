import numpy as np
import pytest
import xarray as xr

from analyses import figS_causality_tasks as figure
from analyses.derived import storable
from pfc_metarl.measures import causal_role
from tests.measures.test_causality import effects


@pytest.fixture
def judged():
    made = effects(0.52, 0.65)
    made["reward_per_trial"][0, 1] += 0.001  # so that networks are not all alike
    return figure.judged(made.assign(judged_by="reward_per_trial"))


def test_a_cause_is_tested_by_its_own_behaviour():
    made = effects(0.52, 0.65)
    renamed = {name: str(name).replace("reward_per_trial", "slope") for name in made.data_vars}
    both = xr.merge([made, 2 * made.rename(renamed)])
    for name, factor in (("reward_per_trial", 1), ("slope", 2)):
        got = figure.judged(both.assign(judged_by=name))
        np.testing.assert_allclose(got["effect"], factor * made["reward_per_trial"])
        np.testing.assert_allclose(got["chance_effect"], factor * 0.5)
        assert got["judged_by"].item() == name


def test_bars_begin_at_chance_and_end_at_the_mean(judged, ax):
    figure.draw_cause(judged, storable(causal_role(judged, "effect")), "removed", ax=ax)
    bars = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    np.testing.assert_allclose(bars, [(0.5, end) for end in (0.52, 0.6805, 0.6, 0.7, 0.68)])
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["direction", "random directions", "top units", "bottom units", "random units"]
    assert ax.get_xlabel() == "reward per trial"


def test_roles_are_counted_and_bold_where_all_have_them(judged):
    roles = storable(causal_role(judged, "effect"))
    count, bold = figure.verdict(roles.sel(target="direction"), "removed", 0.5)
    assert count == "2 of 2, p = 0.001" or count.startswith("2 of 2, p < 0.001")
    assert bold
    count, bold = figure.verdict(roles.sel(target="bottom units"), "removed", 0.5)
    assert count.startswith("0 of 2")
    assert not bold


def test_p_values_are_corrected_for_all_tests_of_the_figure(judged):
    roles = storable(causal_role(judged, "effect"))
    both = xr.concat([roles, roles], xr.IndexVariable("cause", ["one", "other"]))
    found = figure.corrected(both)["p_of_networks"].values
    raw = both["p_of_networks"].values
    known = np.isfinite(raw)
    assert np.nanmin(found) == pytest.approx(np.nanmin(raw) * known.sum())
    assert (found[known] >= raw[known]).all()
    np.testing.assert_array_equal(np.isfinite(found), known)
