import threading

import pytest

from pfc_metarl.arguments import argument, command_line
from pfc_metarl.execution import series
from pfc_metarl.execution.series import has_room_for_two, in_series


@pytest.fixture(autouse=True)
def room(monkeypatch):
    monkeypatch.setattr(series, "has_room_for_two", lambda: True)


def test_the_next_begins_when_the_one_before_hands_over():
    said, second_began = [], threading.Event()

    def first(hand_over):
        said.append("first is trained")
        hand_over()
        assert second_began.wait(20)
        said.append("first is measured")
        return 1

    def second(hand_over):
        said.append("second is trained")
        second_began.set()
        return 2

    assert list(in_series([first, second], threading.Event())) == [1, 2]
    assert said == ["first is trained", "second is trained", "first is measured"]


def test_at_most_two_are_at_work(monkeypatch):
    at_work, most = set(), []

    def work(number):
        def carried_out(hand_over):
            at_work.add(number)
            hand_over()
            most.append(len(at_work))
            at_work.discard(number)
            return number

        return carried_out

    assert list(in_series([work(number) for number in range(6)], threading.Event())) == list(range(6))
    assert max(most) <= 2


@pytest.mark.parametrize("room", [True, False])
def test_without_overlap_or_room_each_begins_when_the_one_before_has_ended(monkeypatch, room):
    monkeypatch.setattr(series, "has_room_for_two", lambda: room)
    said = []

    def work(hand_over):
        said.append("begins")
        hand_over()
        said.append("ends")

    list(in_series([work, work, work], threading.Event(), overlap=not room))
    assert said == ["begins", "ends"] * 3


def test_if_one_fails_the_other_is_asked_to_stop():
    stop = threading.Event()

    def fails(hand_over):
        hand_over()
        raise ValueError("no")

    def waits(hand_over):
        assert stop.wait(20)

    with pytest.raises(ValueError, match="no"):
        list(in_series([fails, waits, waits], stop))
    assert stop.is_set()


def test_sentences_name_options_as_on_the_command_line():
    with command_line():
        assert list(in_series([lambda hand_over: argument("force")], threading.Event())) == ["--force"]


@pytest.mark.parametrize(("text", "room"), [("MemAvailable: 8000000 kB\n", True), ("MemAvailable: 900 kB\n", False)])
def test_room_is_the_memory_that_is_available(tmp_path, text, room):
    (tmp_path / "meminfo").write_text(f"MemTotal: 1 kB\n{text}")
    assert has_room_for_two(tmp_path / "meminfo") == room
    assert not has_room_for_two(tmp_path / "nowhere")
