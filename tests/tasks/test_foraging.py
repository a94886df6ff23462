import pytest
import torch
from scipy.stats import binomtest, kstest

from pfc_metarl.agents import agent_of
from pfc_metarl.models import BaitObserver
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import Foraging, check_task

LEFT, RIGHT, CENTRE = 0, 1, 2
NEVER, ALWAYS = 1 - 2**-24, 0.0
"""Draws that pay never (as long as nothing is certain) and always."""


def lived(task, actions, draw=NEVER, base=0.5):
    """Apply actions to one world; states (one more than actions) and rewards."""
    states, rewards = [task.begin(torch.full((1, 1, 1), base))], []
    for action in actions:
        state, reward = task.step(states[-1], torch.tensor([[action]]), torch.full((1, 1, 1), draw))
        states.append(state)
        rewards.append(reward.item())
    return states, rewards


@pytest.mark.parametrize("options", [{}, {"fixation": False}, {"p_left": ((0.1, 0.1), (0.4, 0.4))}], ids=str)
def test_all_options_keep_the_contract(options):
    check_task(Foraging(n_trials=6, **options))


def test_a_target_not_visited_is_increasingly_likely_to_pay():
    states, _ = lived(Foraging(p_left=((0.2, 0.2),), fixation=False), [LEFT, LEFT, RIGHT, LEFT])
    expected = [  # by hand: 1 - 0.8^n and 1 - 0.7^n
        (0.2, 0.3),
        (0.2, 0.51),
        (0.2, 0.657),
        (0.36, 0.3),
        (0.2, 0.51),
    ]
    for state, p_reward in zip(states, expected, strict=True):
        torch.testing.assert_close(state.p_reward, torch.tensor([[p_reward]]))
        torch.testing.assert_close(state.p_base, torch.tensor([[[0.2, 0.3]]]))
    assert [state.waited[0, 0].tolist() for state in states] == [[0, 0], [0, 1], [0, 2], [1, 0], [0, 1]]


def test_a_choice_pays_with_the_probability_of_its_target(live):
    trajectory = live(Foraging(), agent_of(BaitObserver(inverse_temperature=3.0), Foraging), n_episodes=200)
    state, choice = trajectory.state(), trajectory.state()["phase"] == 1
    action, reward = trajectory.action(), trajectory.reward()
    assert set(reward[choice].tolist()) == {0, 1}
    p_reward = state["p_reward"].gather(-1, action.clamp(max=1).unsqueeze(-1)).squeeze(-1)
    for low in (0.1, 0.3, 0.5, 0.7):
        here = choice & (p_reward >= low) & (p_reward < low + 0.2)
        expected = p_reward[here].mean().item()
        assert binomtest(int(reward[here].sum()), int(here.sum()), expected).pvalue > 0.001


def test_alternation_earns_what_two_visits_in_turn_must():
    task = Foraging(p_left=((0.1, 0.1),), fixation=False, n_trials=10)
    states, _ = lived(task, [LEFT, RIGHT] * 5)
    p_paid = [state.p_reward[0, 0, trial % 2].item() for trial, state in enumerate(states[:-1])]
    assert p_paid[:2] == pytest.approx([0.1, 1 - 0.6**2])
    assert p_paid[2:] == pytest.approx([1 - 0.9**2, 1 - 0.6**2] * 4)


def test_fixation_comes_first_and_is_shown():
    task = Foraging()
    states, rewards = lived(task, [CENTRE, LEFT, CENTRE, RIGHT], draw=ALWAYS)
    assert rewards == [0, 1, 0, 1]
    assert [(s.trial, task.phase_names[s.phase]) for s in states[:4]] == [
        (0, "fixation"),
        (0, "choice"),
        (1, "fixation"),
        (1, "choice"),
    ]
    shown = [dict(zip(task.channel_names, task.observe(s)[0, 0].tolist(), strict=True)) for s in states[:2]]
    assert shown == [{"fixation_point": 1, "targets": 0}, {"fixation_point": 0, "targets": 1}]


def test_invalid_responses_cost_and_a_lost_trial_lets_both_targets_wait():
    task = Foraging(p_left=((0.2, 0.2),))
    states, rewards = lived(task, [LEFT, CENTRE, CENTRE, LEFT], draw=ALWAYS)
    assert rewards == [-1, -1, 0, 1]
    assert states[2].waited.tolist() == [[[1, 1]]]
    torch.testing.assert_close(states[2].p_reward, torch.tensor([[[0.36, 0.51]]]))
    assert lived(Foraging(invalid_reward=-0.25), [RIGHT])[1] == [-0.25]
    assert lived(Foraging(invalid_reward=0.0), [CENTRE, CENTRE])[1] == [0, 0]


def drawn(**options):
    noise = torch.rand(1, 6000, 1, generator=torch.Generator().manual_seed(0))
    return Foraging(**options).begin(noise).p_base[0]


def test_base_probabilities_come_from_the_intervals_as_likely_as_they_are_wide():
    p_base = drawn(p_left=((0.0, 0.1), (0.2, 0.5)))
    torch.testing.assert_close(p_base.sum(-1), torch.full((6000,), 0.5))
    left = p_base[:, 0]
    low = left < 0.15
    assert ((left <= 0.1) | (left >= 0.2)).all()
    assert binomtest(int(low.sum()), 6000, 0.25).pvalue > 0.001
    assert kstest(left[low], "uniform", (0, 0.1)).pvalue > 0.001
    assert kstest(left[~low], "uniform", (0.2, 0.3)).pvalue > 0.001


def test_training_leaves_values_out_and_a_test_need_not():
    left = drawn()[:, 0]
    assert not (((left > 0.1001) & (left < 0.1999)) | ((left > 0.3001) & (left < 0.3999))).any()
    assert kstest(drawn(p_left=((0.0, 0.5),))[:, 0], "uniform", (0, 0.5)).pvalue > 0.001


def test_single_values_come_equally_often():
    left = drawn(p_left=((0.1, 0.1), (0.4, 0.4)))[:, 0]
    first = (left - 0.1).abs() < 1e-6
    assert ((left - 0.4).abs() < 1e-6)[~first].all()
    assert binomtest(int(first.sum()), 6000, 0.5).pvalue > 0.001
    states, _ = lived(Foraging(p_left=((0.1, 0.1),) * 3), [], base=NEVER)
    assert states[0].p_base[0, 0, 0].item() == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"p_left": ((0.2, 0.6),)}, "must rise, to p_sum = 0.5 at most"),
        ({"p_left": ((0.3, 0.2),)}, "must rise"),
        ({"p_left": ()}, "p_left"),
        ({"p_sum": 0}, "p_sum"),
        ({"invalid_reward": 1}, "invalid_reward"),
    ],
)
def test_invalid_values_are_refused(options, said):
    with pytest.raises(BadInput, match=said):
        Foraging(**options)
