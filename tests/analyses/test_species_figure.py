import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr

from analyses import species_figure
from pfc_metarl.agents import agent_of
from pfc_metarl.data.trial_table import trials
from pfc_metarl.models import Hybrid, RescorlaWagner
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TwoStep, Volatility


def acted(model, task):
    return trials(record(task, agent_of(model, type(task)), n_episodes=6, seed=0, networks=(0, 1, 2)))


@pytest.fixture
def drawn(request):
    table = {
        "two_step": lambda: acted(Hybrid(model_based_weight=1.0), TwoStep(n_trials=50)),
        "bandit": lambda: acted(RescorlaWagner(unchosen="kept"), Volatility(n_trials=50)),
    }[request.param]()
    made = species_figure.species_figure(table, "our mice")
    yield made
    plt.close(made)


@pytest.mark.parametrize("drawn", ["two_step", "bandit"], indirect=True)
def test_ones_own_subjects_stand_first(drawn):
    axes = [ax for part in drawn.subfigs for ax in part.axes]
    assert [ax.get_title(loc="left") for ax in axes] == list("abcdefgh")
    assert axes[0].get_title(loc="right") == "our mice, n = 3"
    assert axes[6].get_xticklabels()[0].get_text() == "our\nmice"
    assert len(axes[6].get_xticklabels()) == 5


def test_groups_keep_their_values():
    own = xr.Dataset({"x": ("subject", [1.0, 2.0])}, {"subject": ["a", "b"]})
    others = xr.Dataset({"x": (("who", "subject"), [[3.0, np.nan]])}, {"who": ["rats"]})
    found = species_figure.beside(own, others)
    np.testing.assert_array_equal(found["x"], [[1, 2], [3, np.nan]])
    assert found["who"].values.tolist() == ["own", "rats"]


def test_a_path_is_refused_in_a_sentence():
    with pytest.raises(BadInput, match="give a trial table, as read_trials returns, not str"):
        species_figure.species_figure("rats.csv")
