from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from pfc_metarl.fitting import log_likelihood, predictions
from pfc_metarl.models import BayesianLearner, Hybrid, LatentState, RescorlaWagner

RATS = Path(__file__).parents[2].resolve().parent / "shared/data/rat_twostep_miller_ofc/trials.csv"
TABLE = pd.DataFrame(
    {"subject": 0, "session": 0, "trial": range(4), "choice1": [0, 0, 1, 0], "reward": [1.0, 0.0, 1.0, 1.0]}
)


def test_the_likelihood_by_hand():
    model = RescorlaWagner(learning_rate=0.5, inverse_temperature=2.0, unchosen="kept")
    first, second = [0.5, 0.75, 0.375, 0.375], [0.5, 0.5, 0.5, 0.75]  # before each choice
    logit = 2 * (np.array(first) - np.array(second)) * [1, 1, -1, 1]
    assert log_likelihood(model, TABLE).item() == pytest.approx(-np.log1p(np.exp(-logit)).sum())


def test_lapses_mix_with_the_softmax():
    model = RescorlaWagner(learning_rate=0.0, inverse_temperature=0.0, lapse=0.4)
    assert log_likelihood(model, TABLE).item() == pytest.approx(4 * np.log(0.5))
    sure = RescorlaWagner(learning_rate=1.0, inverse_temperature=1000.0, lapse=0.4)
    # chance; then 0 is best and taken; then 1 is best (0 did not pay) and taken; then 1 is best and not taken
    assert log_likelihood(sure, TABLE).item() == pytest.approx(np.log([0.5, 0.8, 0.8, 0.2]).sum())


def test_a_forced_choice_teaches_and_is_not_predicted():
    model, forced = RescorlaWagner(learning_rate=0.5), TABLE.assign(forced=[0, 0, 1, 0])
    predicted, free = predictions(model, forced), predictions(model, TABLE)
    assert predicted["log_p"].isna().tolist() == [False, False, True, False]
    pd.testing.assert_frame_equal(predicted.drop(columns=["forced", "log_p"]), free.drop(columns="log_p"))
    assert log_likelihood(model, forced).item() == pytest.approx(free["log_p"].drop(2).sum())


def test_predictions_are_columns_of_the_trials_in_their_order():
    other = TABLE.assign(subject=1, choice1=[1, 1, 0, 1])
    shuffled = pd.concat([other, TABLE]).sort_values(["trial", "subject"], ascending=[True, False])
    predicted = predictions(RescorlaWagner(learning_rate=0.5, unchosen="kept"), shuffled)
    assert predicted.loc[predicted["subject"] == 0, "value_0"].tolist() == [0.5, 0.75, 0.375, 0.375]
    assert predicted.loc[predicted["subject"] == 1, "value_1"].tolist() == [0.5, 0.75, 0.375, 0.375]
    assert predicted.loc[predicted["subject"] == 1, "rpe"].tolist() == [0.5, -0.75, 0.5, 0.625]


def test_a_lost_trial_has_no_prediction_error():
    predicted = predictions(RescorlaWagner(), TABLE.assign(choice1=[0, np.nan, 1, 0]))
    assert predicted["rpe"].isna().tolist() == [False, True, False, False]
    assert predicted["value_0"].iloc[1] == predicted["value_0"].iloc[2]


def test_other_signals_of_a_model_are_columns():
    predicted = predictions(BayesianLearner(n_r=9, n_v=3, n_k=2), TABLE)
    assert {"expected_volatility", "uncertainty"} <= set(predicted)
    assert (predicted["uncertainty"] > 0).all()


def test_a_parameter_for_each_subject_has_a_slope_for_each():
    rate = torch.tensor([0.2, 0.6], dtype=torch.float64, requires_grad=True)
    both = pd.concat([TABLE, TABLE.assign(subject=1)])
    found = log_likelihood(RescorlaWagner(learning_rate=rate), both)
    (slope,) = torch.autograd.grad(found[0], rate)
    assert slope[0] != 0
    assert slope[1] == 0


@pytest.mark.skipif(not RATS.is_file(), reason="the rats' trials are not here")
@pytest.mark.parametrize("model", [Hybrid(), LatentState(inverse_temperature=5.0)], ids=["hybrid", "latent_state"])
def test_models_are_yoked_to_rats(model):
    rats = pd.read_csv(RATS).rename(columns={"rat": "subject"})
    rats = rats[rats["violation"] == 0]
    predicted = predictions(model, rats)
    assert len(predicted) == len(rats)
    free = predicted[predicted["log_p"].notna()]
    assert (free["forced"] == 0).all()
    np.testing.assert_allclose(predicted["p_0"] + predicted["p_1"], 1, atol=1e-12)
    # rewards are better than expected, omissions worse
    assert (predicted.loc[predicted["reward"] == 1, "rpe"] > 0).all()
    assert (predicted.loc[predicted["reward"] == 0, "rpe"] < 0).all()
