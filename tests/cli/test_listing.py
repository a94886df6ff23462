import pytest

from pfc_metarl.cli.listing import print_list

ROWS = {
    "two_step": "Trained by dopamine, a network chooses like a planner.",
    "maze": "It returns to the goal.",
}


@pytest.mark.parametrize("columns", ["30", "40", "80", "200"])
def test_a_list_fits_the_terminal_and_says_everything(columns, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    print_list(ROWS)
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= int(columns)
    assert printed.split() == [word for name, about in ROWS.items() for word in (name, *about.split())]


def test_names_stand_above_what_they_are_where_it_is_narrow(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "19")
    print_list(ROWS)
    assert capsys.readouterr().out.splitlines()[0] == "two_step"


def test_an_empty_list_is_nothing(capsys):
    print_list({})
    assert capsys.readouterr().out == ""
