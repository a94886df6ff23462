import pytest

from pfc_metarl.execution.mistakes import as_bad_input, place_of
from pfc_metarl.settings import BadInput, Failure


def fails(error):
    with as_bad_input("headlines"):
        raise error


def test_an_error_becomes_one_sentence_with_place_step_and_type():
    with pytest.raises(BadInput, match=r"test_mistakes\.py, line \d+: headlines: KeyError: 'regret'\.$"):
        fails(KeyError("regret"))


def test_a_bad_input_keeps_its_sentence():
    with pytest.raises(BadInput, match=r"headlines: reward: must be finite\.$"):
        fails(BadInput("reward: must be finite."))


@pytest.mark.parametrize(
    "error", [OSError("disk full"), MemoryError(), Failure("a worker was killed."), RuntimeError("out of memory")]
)
def test_errors_of_the_machine_are_passed_on(error):
    with pytest.raises(type(error)) as raised:
        fails(error)
    assert raised.value is error


def test_an_error_that_was_never_raised_has_no_place():
    assert place_of(ValueError("nowhere")) is None
