import numpy as np
import pytest
import xarray as xr

from analyses import figS_two_step_rpe as figure
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_TWO_STEP
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TwoStep


@pytest.fixture(scope="module")
def fractions():
    """What yoked learners explain of the prediction errors of a reference agent that is one of them, and of noise."""
    yoked = {name: REFERENCE_AGENTS_TWO_STEP[name] for name in figure.YOKED}
    test = record(
        TwoStep(n_trials=60), REFERENCE_AGENTS_TWO_STEP["random"], n_episodes=10, seed=0, networks=(0, 1), yoked=yoked
    )
    noise = np.random.default_rng(0).normal(0, 0.05, test["rpe_extended_state"].shape)
    return figure.rpe_beyond(test.assign(rpe=test["rpe_extended_state"] + noise))["partial_r_squared"]


@pytest.mark.parametrize("stage", [figure.ONSET, figure.REWARD])
def test_the_learner_whose_errors_they_are_explains_them_beyond_any_other(fractions, stage):
    fraction = fractions.sel(stage=stage)
    others = [name for name in figure.YOKED if name != "extended_state"]
    assert (fraction.sel(learner="extended_state", given=others) > 0.5).all()
    assert (fraction.sel(learner=others, given="extended_state") < 0.02).all()
    assert (fraction.sel(learner="extended_state", given="extended_state") > 0.9).all()


def test_learners_with_the_same_errors_explain_nothing_beyond_each_other(fractions):
    assert fractions.sel(stage="reward", learner="model_based", given="model_free").isnull().all()


def test_a_row_is_a_learner_and_a_column_is_what_was_removed(ax):
    names = list(figure.YOKED)
    spread = np.linspace(0, 0.01, 16).reshape(4, 4)
    values = np.arange(16.0).reshape(4, 4) / 16 + np.array([-1, 1])[:, None, None] * spread
    fraction = xr.DataArray(values, {"learner": names, "given": names}, ("subject", "learner", "given"))
    figure.draw_beyond(fraction, "reward", ax=ax)
    drawn = {text.get_position(): text.get_text() for text in ax.texts}
    assert drawn[1, 0] == "0.062"
    assert drawn[0, 1] == "0.25"
    assert ax.get_xticklabels()[1].get_text() == "beyond\nmodel-\nbased"
