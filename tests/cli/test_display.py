import io

import pytest
from rich.console import Console

from pfc_metarl.cli import display
from pfc_metarl.cli.display import Display, ProgressLines, shortened_before_comma


def screen_of(width, monkeypatch, *shown):
    """What a terminal of a width shows."""
    console = Console(file=io.StringIO(), force_terminal=True, width=width, color_system=None, legacy_windows=False)
    monkeypatch.setattr(display, "Console", lambda **_: console)
    made = Display(quiet=False)
    for each in shown:
        made.show(*each)
    with console.capture() as captured:
        console.print(made.progress.get_renderable())
    return captured.get().rstrip("\n")


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_one_line_has_what_is_done_its_number_and_the_time_left(width, monkeypatch):
    line = screen_of(width, monkeypatch, ("recording test_stimulate_risky_loss_0_125, 10 of 30", 40, 100))
    assert "\n" not in line
    assert line.startswith("recording")
    assert ", 10 of 30" in line
    assert " 40% " in line
    assert "left " in line
    assert len(line) <= width


@pytest.mark.parametrize(("width", "shown"), [(40, False), (60, True), (80, True)])
def test_a_detail_is_shown_where_there_is_room(width, shown, monkeypatch):
    line = screen_of(width, monkeypatch, ("training 8 networks", 40, 100, "0.502 reward/trial"))
    assert ("0.502 reward/trial" in line) is shown
    assert "left " in line


def test_the_bar_is_removed_at_the_end_and_sentences_stay(monkeypatch):
    console = Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None, legacy_windows=False)
    monkeypatch.setattr(display, "Console", lambda **_: console)
    with Display(quiet=False) as made:
        made.say("resuming at update 3 of 9")
        made.show("training 1 network", 3, 9)
    written = console.file.getvalue()
    assert "resuming at update 3 of 9" in written
    assert written.endswith("\x1b[1A\x1b[2K")  # one line up, and erase it


def test_a_quiet_display_writes_nothing(capsys):
    with Display(quiet=True) as made:
        made.say("resuming")
        made.show("training", 1, 2)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("width", range(12, 60))
def test_a_text_is_shortened_before_its_last_comma(width):
    text = "recording test_stimulate_risky_loss, 10 of 30"
    short = shortened_before_comma(text, width)
    assert len(short) <= width
    assert short.endswith(", 10 of 30")
    assert (short == text) == (width >= len(text))


def test_the_time_left_is_that_of_the_present_step(monkeypatch, capsys):
    seconds = [0.0]
    monkeypatch.setattr(display.time, "monotonic", lambda: seconds[0])
    lines = ProgressLines()
    lines.show("training", 100, 100)
    seconds[0] = 100.0
    lines.show("recording test, 1 of 2", 0.0, 2.0)
    seconds[0] = 140.0
    lines.show("recording test, 1 of 2", 1.5, 2.0)
    assert [line[10:] for line in capsys.readouterr().err.splitlines()] == [
        "recording test, 1 of 2, 0%",
        "recording test, 1 of 2, 75%, less than 1 min left",
    ]


def test_before_the_first_step_no_time_is_named(monkeypatch):
    assert "left" not in screen_of(60, monkeypatch)
