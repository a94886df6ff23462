import numpy as np
import pandas as pd
import pytest

from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_FORAGING
from pfc_metarl.measures import allocation, matching
from pfc_metarl.measures.behaviour.session_line import NAMES, _line_of_options, lines
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Foraging
from tests.handmade import random_trials, table


@pytest.fixture(scope="module")
def forager():
    """Two individuals of a reference agent in baited foraging, 100 episodes."""
    agents = {
        name: record(
            Foraging(p_left=((0.0, 0.5),)), REFERENCE_AGENTS_FORAGING[name], n_episodes=100, seed=3, networks=(0, 1)
        )
        for name in REFERENCE_AGENTS_FORAGING
    }
    return agents.__getitem__


def test_matching_of_reference_agents(forager):
    slopes = {name: matching(forager(name))["slope"].values for name in REFERENCE_AGENTS_FORAGING}
    assert np.all(np.abs(slopes["alternation"]) < 0.02)  # 33 and 34 choices
    assert np.all(np.abs(slopes["random"]) < 0.1)
    assert np.all((slopes["observer"] > 0.78) & (slopes["observer"] < 1))
    assert np.all((slopes["local_matching"] > 0.7) & (slopes["local_matching"] < 1))
    whole = matching(forager("observer"), skip=0)["slope"].values
    assert np.all(whole < slopes["observer"])  # who has to find out matches less at first
    assert np.all(matching(forager("alternation"), skip=0)["slope"] == 0)


@pytest.mark.parametrize("slope", [0.5, 1.0, 1.5])
def test_a_planted_line_is_recovered(slope):
    """Sessions with a reward ratio of 4^x and a choice ratio of 4^(slope x)."""
    sessions = []
    for session, x in enumerate([-1, 0, 1]):
        left, right = 64, round(64 * 4 ** (slope * x))
        paid_left, paid_right = (8, 2) if x < 0 else (2, 2 * 4**x)
        reward = [1] * paid_left + [0] * (left - paid_left) + [1] * paid_right + [0] * (right - paid_right)
        sessions.append(table([0] * left + [1] * right, 1, reward, session=session))
    got = matching(pd.concat(sessions), skip=0)
    assert got["n_sessions"] == 3
    for name, expected in (("slope", slope), ("orthogonal_slope", slope), ("intercept", 0), ("standard_error", 0)):
        np.testing.assert_allclose(got[name], expected, atol=1e-9)
    np.testing.assert_allclose(got["reward_ratio"], [[-2, 0, 2]])
    np.testing.assert_allclose(got["choice_ratio"], [[-2 * slope, 0, 2 * slope]])


def test_the_beginning_of_a_session_does_not_count():
    late = [1, 1, 0, 1, 0, 1]
    sessions = [table([early] * 3 + late, 1, [0, 1, 0] + [1] * 6, session=s) for s, early in enumerate([0, 1])]
    np.testing.assert_allclose(matching(pd.concat(sessions))["choice_ratio"], 1)  # 4 : 2, whatever came first


def test_sessions_without_a_ratio_are_left_out():
    never_left = table([1, 1, 1, 1], 1, [1, 0, 1, 0], session=1)
    never_paid = table([1, 0, 1, 0], 1, [1, 0, 1, 0], session=2)
    usual = [table([0, 1] * 4, 1, [1, 1] * n + [0, 0] * (4 - n), session=n + 3) for n in (1, 2)]
    got = matching(pd.concat([never_left, never_paid, *usual]), skip=0)
    assert np.isfinite(got["choice_ratio"].values).tolist() == [[False, False, True, True]]
    assert got["n_sessions"] == 2
    assert got["slope"].isnull().all()  # two sessions are too few for a line


WORTH = ("p_base_0", "p_base_1")


def allocated(fraction_of, n_sessions=60, n_trials=300):
    """Sessions of one subject that chooses option 1 with a probability, a function of its fraction of the worth."""
    rng = np.random.default_rng(2)
    worth = rng.random(n_sessions)
    choice = rng.random((n_sessions, n_trials)) < fraction_of(worth)[:, None]
    session, trial = np.indices(choice.shape).reshape(2, -1)
    columns = {"choice1": choice.ravel().astype(int), "reward": 0, "p_base_0": 1 - worth[session]}
    return pd.DataFrame({"subject": 0, "session": session, "trial": trial, **columns, "p_base_1": worth[session]})


@pytest.mark.parametrize(
    ("fraction_of", "slope"),
    [(lambda worth: worth, 1), (lambda worth: 0.7 - 0.4 * worth, -0.4), (np.ones_like, 0), (np.zeros_like, 0)],
)
def test_planted_allocation_is_recovered(fraction_of, slope):
    got = allocation(allocated(fraction_of), WORTH)
    assert abs(got["slope"] - slope) <= 3 * got["standard_error"] + 1e-12
    assert got["standard_error"] < 0.03


def test_the_start_of_a_session_does_not_count():
    made = allocated(lambda worth: worth)
    late = made.assign(choice1=made["choice1"].where(made["trial"] >= 100, 0))
    assert allocation(late, WORTH).equals(allocation(made, WORTH))
    assert allocation(late, WORTH, skip=0)["slope"] < 0.8


def test_a_matching_agent_allocates_and_a_random_one_does_not(forager):
    assert (allocation(forager("observer"), WORTH)["slope"] > 0.7).all()
    for name in ("alternation", "random"):
        assert (abs(allocation(forager(name), WORTH)["slope"]) < 0.1).all()


def test_two_sessions_make_no_line():
    made = allocated(lambda worth: worth)
    assert np.isnan(allocation(made[made["session"] < 2], WORTH)["slope"]).all()


def test_what_options_are_worth_is_not_negative():
    made = allocated(lambda worth: worth).assign(p_base_1=-1.0)
    with pytest.raises(BadInput, match="must not be negative"):
        allocation(made, WORTH)


def test_what_cannot_be_matched_is_refused():
    made = allocated(lambda worth: worth, 4, 30)
    with pytest.raises(BadInput, match="skip = -1"):
        matching(made, skip=-1)
    with pytest.raises(BadInput, match="two options, and the trial table has one"):
        matching(made[made["choice1"] == 1])
    with pytest.raises(BadInput, match="the codes are 2 to 2, and options are numbered from 0 on"):
        matching(made.assign(choice1=2))
    with pytest.raises(BadInput, match="no column 'reward'"):
        matching(made.drop(columns="reward"))
    with pytest.raises(BadInput, match=r"worth = .*: name a column for each option; choice1 has 3"):
        allocation(made.assign(choice1=made["choice1"].where(made["trial"] < 25, 2)), WORTH)


@pytest.mark.parametrize("none", ["forced", "lost", "excluded"])
def test_a_table_without_choices_is_refused_as_one(none):
    made = allocated(lambda worth: worth, 4, 30)
    with pytest.raises(BadInput, match="no trial of the table counts"):
        matching(made.assign(**{none: 1}))


def sessions_of(n_options, slope, n_sessions=6):
    """Sessions in which the options' numbers of choices are a power of their numbers of rewards, with biases."""
    rng = np.random.default_rng(4)
    made = []
    for session in range(n_sessions):
        paid = rng.choice([1, 4, 16, 64], size=n_options)
        n = (64 * paid**slope * 2.0 ** np.arange(n_options)).round().astype(int)
        rewards = [np.arange(all_) < some for all_, some in zip(n, paid, strict=True)]
        made.append(table(np.repeat(np.arange(n_options), n), 1, np.concatenate(rewards).astype(int), session=session))
    return pd.concat(made)


@pytest.mark.parametrize("n_options", [3, 4])
@pytest.mark.parametrize("slope", [0.5, 1.0])
def test_a_planted_line_of_more_options_is_recovered(n_options, slope):
    got = matching(sessions_of(n_options, slope), skip=0).isel(subject=0)
    np.testing.assert_allclose(got["slope"], slope, atol=1e-9)
    np.testing.assert_allclose(got["orthogonal_slope"], slope, atol=1e-9)
    np.testing.assert_allclose(got["standard_error"], 0, atol=1e-7)
    np.testing.assert_allclose(got["intercept"], np.arange(n_options) - (n_options - 1) / 2, atol=1e-9)
    np.testing.assert_allclose(got["choice_ratio"].sum("option"), 0, atol=1e-9)
    assert got["valid"]


def test_two_options_have_the_same_line_in_both_forms():
    rng = np.random.default_rng(6)
    x = rng.normal(size=(1, 9, 1)) * [-1, 1]
    y = 0.7 * x + rng.normal(size=(1, 9, 1)) * [-1, 1] + [-0.3, 0.3]
    usual = {name: values[0] for name, (_, values) in lines(x, y).items()}
    slope, error, intercept, axis = _line_of_options(x[0], y[0])
    np.testing.assert_allclose([slope, error, intercept[1], axis], [usual[name] for name in NAMES], rtol=1e-9)


def test_planted_allocation_among_three_options_is_recovered():
    rng = np.random.default_rng(3)
    fraction = rng.dirichlet([1, 1, 1], size=60)
    p = 0.1 + 0.7 * fraction
    choice = np.stack([rng.choice(3, size=300, p=own) for own in p])
    session, trial = np.indices(choice.shape).reshape(2, -1)
    worth = {f"worth_{option}": 5 * fraction[session, option] for option in range(3)}
    made = pd.DataFrame({"subject": 0, "session": session, "trial": trial, "choice1": choice.ravel(), **worth})
    got = allocation(made, list(worth), skip=0).isel(subject=0)
    assert abs(got["slope"] - 0.7) < 3 * got["standard_error"]
    assert got["standard_error"] < 0.02
    np.testing.assert_allclose(got["intercept"], 0.1, atol=0.02)
    np.testing.assert_allclose(got["choice_fraction"].sum("option"), 1)


def test_a_subject_without_a_line_gets_a_reason():
    made = random_trials(np.random.default_rng(0), 2, 5, 40)
    got = matching(made[(made["subject"] == 0) | (made["session"] < 2)])
    assert got["valid"].values.tolist() == [True, False]
    assert got["reason"].values.tolist() == ["", "fewer than 3 sessions in which each option was chosen and paid"]
