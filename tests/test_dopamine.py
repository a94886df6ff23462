import ast
from pathlib import Path

import pytest
import torch

from pfc_metarl import dopamine

REWARD, VALUE, BOOTSTRAP = [1.0, 0.0, 2.0], [0.5, 1.0, -1.0], 4.0


def test_the_error_of_one_step():
    # 3 + 0.5 * 4 - 1.5
    assert dopamine.prediction_error(reward=3.0, value=1.5, next_value=4.0, discount=0.5) == 3.5


def test_the_errors_of_an_episode():
    # 1 + 0.5 * 1 - 0.5;  0 + 0.5 * (-1) - 1;  2 + 0.5 * 4 + 1
    assert dopamine.prediction_errors(REWARD, VALUE, 0.5, BOOTSTRAP) == [1.0, -1.5, 5.0]


def test_an_episode_that_ends_has_nothing_after_it():
    assert dopamine.prediction_errors(REWARD, VALUE, 0.5)[-1] == 3.0
    assert dopamine.discounted_return(REWARD, 0.5)[-1] == 2.0
    assert dopamine.advantage(dopamine.prediction_errors(REWARD, VALUE, 0.5), 0.5, 1.0)[-1] == 3.0


def test_the_return_ahead():
    # 2 + 0.5 * 4;  0 + 0.5 * 4;  1 + 0.5 * 2
    assert dopamine.discounted_return(REWARD, 0.5, BOOTSTRAP) == [2.0, 2.0, 4.0]


def test_a_trace_decays_with_the_distance_ahead():
    assert dopamine.accumulated([1.0, 0.0, 0.0, 8.0], decay=0.5) == [2.0, 2.0, 4.0, 8.0]
    assert dopamine.accumulated([0.0, 0.0], decay=0.5, after=4.0) == [1.0, 2.0]


@pytest.mark.parametrize(
    ("trace_decay", "expected"),
    [
        (0.0, [1.0, -1.5, 5.0]),  # the error itself
        (0.5, [0.9375, -0.25, 5.0]),  # 5;  -1.5 + 0.25 * 5;  1 + 0.25 * (-0.25)
        (1.0, [1.5, 1.0, 5.0]),  # the return minus the value
    ],
)
def test_the_advantage(trace_decay, expected):
    rpe = dopamine.prediction_errors(REWARD, VALUE, 0.5, BOOTSTRAP)
    assert dopamine.advantage(rpe, 0.5, trace_decay) == expected


def test_tensors_run_along_the_first_axis_and_stay_as_they_are():
    generator = torch.Generator().manual_seed(0)
    reward, value = torch.randn(2, 6, 3, 4, generator=generator, dtype=torch.float64)
    bootstrap = torch.randn(3, 4, generator=generator, dtype=torch.float64)
    before = reward.clone(), value.clone(), bootstrap.clone()
    rpe = dopamine.prediction_errors(reward.unbind(), value.unbind(), 0.9, bootstrap)
    advantage = torch.stack(dopamine.advantage(rpe, 0.9, 1.0))
    powers = 0.9 ** torch.arange(7, dtype=torch.float64)
    ahead = torch.cat([reward, bootstrap[None]])
    for t in range(6):
        returned = torch.tensordot(powers[: 7 - t], ahead[t:], dims=1)
        torch.testing.assert_close(advantage[t], returned - value[t])
    assert all(torch.equal(a, b) for a, b in zip(before, (reward, value, bootstrap), strict=True))


def test_a_shorter_value_than_reward_is_refused():
    with pytest.raises(ValueError, match="zip"):
        dopamine.prediction_errors([1.0, 2.0], [0.5], 0.9)


def test_the_file_imports_nothing():
    tree = ast.parse(Path(dopamine.__file__).read_text(encoding="utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


def test_a_burst_and_a_block_act_at_their_own_event_only():
    signal, where = torch.tensor([1.0, -2.0, 0.5]), torch.tensor([True, False, True])
    assert dopamine.stimulate(signal, where, 3.0).tolist() == [4.0, -2.0, 3.5]
    assert dopamine.block(signal, where, 3.0).tolist() == [-2.0, -2.0, -2.5]
