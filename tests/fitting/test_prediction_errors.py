import numpy as np
import pytest
import torch

from pfc_metarl.agents import agent_of
from pfc_metarl.data.dataset import in_phase
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_TWO_STEP
from pfc_metarl.fitting.prediction_errors import fitted_errors, prediction_errors, two_step_learners, with_errors
from pfc_metarl.measures import rpe_regression
from pfc_metarl.models import model_free
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TwoStep

TASK = TwoStep(n_trials=40)


def recorded(agent, n_episodes=6, **options):
    return record(TASK, agent, n_episodes=n_episodes, seed=1, networks=(0, 1), **options)


def test_the_errors_are_those_of_yoked_agents():
    names = ("model_based", "model_free")
    yoked = {name: REFERENCE_AGENTS_TWO_STEP[name] for name in names}
    made = recorded(REFERENCE_AGENTS_TWO_STEP["hybrid"], yoked=yoked)
    again = with_errors(made, two_step_learners(initial_value=0.0))
    for name in names:
        for phase in ("first_stage", "second_stage"):
            here = in_phase(made, phase).values
            np.testing.assert_allclose(again[f"rpe_{name}"].values[here], made[f"rpe_{name}"].values[here], atol=1e-6)


def test_parameters_may_differ_between_subjects():
    made = recorded(REFERENCE_AGENTS_TWO_STEP["random"])
    rates = torch.tensor([0.2, 0.8], dtype=torch.float64)
    both = prediction_errors(model_free(second_stage_learning_rate=rates), made)
    for subject, rate in enumerate(rates.tolist()):
        alone = prediction_errors(model_free(second_stage_learning_rate=rate), made)
        np.testing.assert_allclose(both["reward"][subject], alone["reward"][subject], atol=1e-6)
    assert not np.allclose(both["reward"][0], prediction_errors(model_free(), made)["reward"][0])


def test_fitted_rates_recover_the_errors_of_a_learner_with_other_rates_than_assumed():
    # with trace = 1 choices tell nothing of the second stage's rate
    truth = model_free(learning_rate=0.15, second_stage_learning_rate=0.15, trace=0.3, inverse_temperature=12.0)
    agent = agent_of(truth, TASK)
    made = recorded(agent, n_episodes=50)
    own = with_errors(made.assign(rpe=made["reward"]), {"own": truth})["rpe_own"]
    made = made.assign(rpe=own)
    fitted, estimates = fitted_errors(made)
    found, assumed = (rpe_regression(each) for each in (fitted, with_errors(made, two_step_learners())))
    at = {"stage": "second-stage onset", "learner": "model_free"}
    assert (found["r_squared"].sel(at) > 0.95).all()
    assert (found["r_squared"].sel(at) > assumed["r_squared"].sel(at)).all()
    rate = estimates["estimate"].sel(learner="model_free", parameter="second_stage_learning_rate")
    assert rate.values == pytest.approx(0.15, abs=0.1)
    bic = estimates["bic"]
    assert (bic.sel(learner="model_free") < bic.sel(learner="model_based")).all()


def test_lost_trials_are_refused():
    made = recorded(REFERENCE_AGENTS_TWO_STEP["random"], n_episodes=2)
    lost = made["choice1"].copy(data=np.full(made["choice1"].shape, -1))
    with pytest.raises(BadInput, match="trials were lost"):
        with_errors(made.assign(choice1=lost, rpe=made["reward"]), two_step_learners())
