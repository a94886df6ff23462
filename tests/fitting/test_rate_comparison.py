import numpy as np
import pytest

from pfc_metarl.agents import agent_of
from pfc_metarl.data.trial_table import trials
from pfc_metarl.fitting import rate_comparison, rescorla_wagner_fit
from pfc_metarl.models import DriftObserver, RescorlaWagner
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Bandit, RestlessBandit


def lived(model, n_episodes=50):
    task = RestlessBandit()
    return trials(record(task, agent_of(model, task), n_episodes=n_episodes, seed=0, networks=(0, 1)))


@pytest.fixture(scope="module")
def fixed():
    return lived(RescorlaWagner(learning_rate=0.2, inverse_temperature=5.0))


def test_a_learner_of_that_rate_needs_no_rate_of_its_own(fixed):
    found = rate_comparison(fixed, "volatile", fixed_rate=0.2)
    assert (found["gain"] < 0).all()
    assert (rate_comparison(fixed, "volatile", fixed_rate=0.8)["gain"] > 0).all()


def test_an_observer_of_volatility_does():
    assert (rate_comparison(lived(DriftObserver()), "volatile", fixed_rate=0.2)["gain"] > 0).all()


def test_blocks_are_sessions_of_one_kind_and_their_fits_add_up(fixed):
    found = rate_comparison(fixed, "volatile", fixed_rate=0.2, sessions=10)
    own = fixed[fixed["subject"] == 0]
    kinds = own.groupby("session")["volatile"].first()
    assert found["n_blocks"].sel(subject=0).item() == sum(kinds.value_counts() // 10)
    bic = 0.0
    for _, sessions in kinds.groupby(kinds).groups.items():
        for first in range(0, len(sessions) - len(sessions) % 10, 10):
            block = own[own["session"].isin(sessions[first : first + 10])]
            bic += rescorla_wagner_fit(block, fixed={"lapse": 0.0})["bic"].item()
    assert found["bic"].sel(subject=0, model="ab").item() == pytest.approx(bic, abs=0.05)


def test_subjects_are_labelled_and_one_without_a_block_is_nan(fixed):
    few = fixed[(fixed["subject"] == 0) | (fixed["session"] < 3)].replace({"subject": {0: "b", 1: "a"}})
    found = rate_comparison(few, "volatile", fixed_rate=0.2)
    assert np.isnan(found["gain"].sel(subject="a").item())
    assert found["gain"].sel(subject="b").item() == pytest.approx(
        rate_comparison(fixed, "volatile", fixed_rate=0.2)["gain"].sel(subject=0).item()
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fixed_rate": 2}, "fixed_rate = 2"),
        ({"sessions": 0}, "sessions = 0"),
        ({"sessions": 1000}, "sessions with one value of .volatile.; make it smaller, or record more"),
        ({"condition": "choice1"}, "varies within a session"),
    ],
)
def test_what_cannot_be_compared_is_refused(fixed, options, message):
    with pytest.raises(BadInput, match=message):
        rate_comparison(fixed, **{"condition": "volatile", "fixed_rate": 0.2, **options})


@pytest.fixture(scope="module")
def three_arms():
    """Return the choices among three arms of a learner with a rate of 0.2 that keeps the values of the others."""
    model, task = RescorlaWagner(learning_rate=0.2, unchosen="kept"), Bandit(n_trials=100, n_arms=3)
    made = trials(record(task, agent_of(model, task), n_episodes=20, seed=0))
    return made.assign(kind=made["session"] % 2)


def test_three_arms_are_compared_where_values_are_kept(three_arms):
    assert (rate_comparison(three_arms, "kind", fixed_rate=0.2, unchosen="kept")["gain"] < 0).all()
    assert (rate_comparison(three_arms, "kind", fixed_rate=0.9, unchosen="kept")["gain"] > 0).all()


def test_a_refusal_of_three_arms_names_the_remedy(three_arms):
    with pytest.raises(BadInput, match=r'not among 3 where .*; more options take unchosen = "kept"\.'):
        rate_comparison(three_arms, "kind", fixed_rate=0.2)
