import pytest
import torch

from pfc_metarl.agents import agent_of
from pfc_metarl.models import Hybrid, model_based, model_free
from pfc_metarl.tasks import TwoStep

PARAMETERS = {
    "p_common": 0.7,
    "learning_rate": 0.5,
    "second_stage_learning_rate": 0.2,
    "trace": 0.6,
    "model_based_weight": 0.4,
    "perseveration": 0.25,
    "inverse_temperature": 3.0,
}


def daw(trials, choice, a1, a2, lam, w, p_common):
    """The values of Daw et al. 2011, trial by trial, in plain Python; without a second-stage choice Q(s) is V(s)."""
    q1, q2, found = [0.5, 0.5], [[0.5, 0.5], [0.5, 0.5]], []
    for choice1, state2, choice2, reward in trials:
        option = choice2 if choice else 0
        delta1 = q2[state2][option] - q1[choice1]
        delta2 = reward - q2[state2][option]
        q2[state2][option] += a2 * delta2
        q1[choice1] += a1 * delta1 + a1 * lam * delta2
        best = [max(q) if choice else q[0] for q in q2]
        planned = [p_common * best[a] + (1 - p_common) * best[1 - a] for a in (0, 1)]
        found.append([w * planned[a] + (1 - w) * q1[a] for a in (0, 1)])
    return torch.tensor(found)


def random_trials(n=40):
    generator = torch.Generator().manual_seed(0)
    codes = torch.randint(2, (n, 3), generator=generator).tolist()
    rewards = torch.rand(n, generator=generator).tolist()
    return [(*code, reward) for code, reward in zip(codes, rewards, strict=True)]


@pytest.mark.parametrize("second_stage_choice", [False, True])
def test_values_are_those_of_daw(teach, second_stage_choice):
    trials = random_trials()
    values, logits = teach(agent_of(Hybrid(**PARAMETERS, second_stage_choice=second_stage_choice), TwoStep), trials)
    expected = daw(trials, second_stage_choice, a1=0.5, a2=0.2, lam=0.6, w=0.4, p_common=0.7)
    torch.testing.assert_close(values, expected)
    repeated = torch.tensor([[1.0 - choice1, choice1] for choice1, *_ in trials])
    torch.testing.assert_close(logits, 3.0 * (expected + 0.25 * repeated))


def test_one_rewarded_rare_trial_by_hand(teach):
    # choice 0 led to state 1, which paid: V = 0.5, 0.6;  Q(0) = 0.5 + 0.5 * 0 + 0.5 * 0.6 * 0.5
    trial = [(0, 1, 0, 1.0)]
    planner, habit = ({**PARAMETERS, "model_based_weight": w} for w in (1.0, 0.0))
    torch.testing.assert_close(teach(agent_of(Hybrid(**planner), TwoStep), trial)[0], torch.tensor([[0.53, 0.57]]))
    torch.testing.assert_close(teach(agent_of(Hybrid(**habit), TwoStep), trial)[0], torch.tensor([[0.65, 0.5]]))


def test_the_second_stage_is_chosen_by_its_own_values_and_temperature(live):
    task = TwoStep(n_trials=200, second_stage_choice=True, drift_sd=0.025)
    model = Hybrid(second_stage_choice=True, inverse_temperature=2.0, second_stage_inverse_temperature=7.0)
    trajectory = live(task, agent_of(model, task))
    values, logits = trajectory.readout()["action_value"], trajectory.readout()["logits"]
    torch.testing.assert_close(logits[1::2], 7.0 * values[1::2])
    torch.testing.assert_close(logits[::2], 2.0 * values[::2])
    better = values[1::2].argmax(-1) == trajectory.action()[1::2]
    differ = values[1::2, ..., 0] != values[1::2, ..., 1]
    assert better[differ].float().mean() > 0.6


def test_a_missed_second_stage_choice_teaches_nothing(teach):
    agent = agent_of(Hybrid(**PARAMETERS, second_stage_choice=True), TwoStep)
    (before, after), _ = teach(agent, [(0, 1, 0, 1.0), (0, 1, 2, -1.0)])
    assert torch.equal(before, after)


@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        (1.0, {"reward": 0.656, "RC": 0.90, "RU": 0.41, "NC": 0.46, "NU": 0.89}),
        (0.0, {"reward": 0.635, "RC": 0.96, "RU": 0.87, "NC": 0.55, "NU": 0.73}),
    ],
    ids=["model_based", "model_free"],
)
def test_behaviour_is_that_of_the_reference_table(live, stays, weight, expected):
    task, model = TwoStep(n_trials=100), Hybrid(model_based_weight=weight, initial_value=0.0)
    found = stays(live(task, agent_of(model, task), n_episodes=1000))
    assert found == pytest.approx(expected, abs=0.02)


def test_weights_of_the_two_pure_learners():
    assert model_based(trace=0.5).model_based_weight == 1
    assert model_free(trace=0.5).model_based_weight == 0
    assert model_free(trace=0.5).trace == 0.5
