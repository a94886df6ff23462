import json

import pandas as pd
import pytest

from pfc_metarl.data.codecs import read_trials
from pfc_metarl.settings import BadInput
from tests.data.codecs.sample_files import lists, text


def test_jspsych_keeps_the_screens_with_a_choice_and_reads_milliseconds(tmp_path):
    screens = [
        {"trial_type": "instructions", "rt": 4000, "response": None},
        {"trial_type": "html-keyboard-response", "rt": 500, "response": "f", "coins": 1},
        {"trial_type": "html-keyboard-response", "rt": None, "response": None, "coins": 0},
        {"trial_type": "html-keyboard-response", "rt": 250, "response": "j", "coins": 0},
    ]
    path = text(tmp_path, json.dumps(screens), "p7.json")
    options = {"columns": {"choice1": "response", "reward": "coins"}, "keys": {"f": 0, "j": 1}}
    expected = [["p7", 0, 0, 1.0, 0.5], ["p7", 1, None, 0.0, None], ["p7", 2, 1, 0.0, 0.25]]
    assert lists(read_trials(path, "jspsych", **options), "subject", "trial", "choice1", "reward", "rt1") == expected
    pd.DataFrame(screens).to_csv(tmp_path / "q.csv", index=False)
    found = read_trials(tmp_path / "q.csv", "jspsych", **options)
    assert lists(found, "trial", "choice1", "reward", "rt1") == [row[1:] for row in expected]
    assert read_trials(tmp_path, "jspsych", **options)["subject"].unique().tolist() == ["p7", "q"]


def test_a_screen_without_response_is_a_trial_if_its_task_is_that_of_choices(tmp_path):
    screens = [
        {"task": "welcome", "response": None},
        *({"task": "choice", "response": response} for response in ("f", None, "j")),
        {"task": "feedback", "response": None},
    ]
    path = text(tmp_path, json.dumps(screens), "p.json")
    table = read_trials(path, "jspsych", columns={"choice1": "response"}, keys={"f": 0, "j": 1})
    assert lists(table, "trial", "choice1") == [[0, 0], [1, None], [2, 1]]


def test_a_file_of_jatos_has_a_list_for_each_person(tmp_path):
    people = [[{"response": "f"}, {"response": "j"}], [{"response": "j"}]]
    path = text(tmp_path, "\n".join(map(json.dumps, people)) + "\n", "jatos.txt")
    options = {"columns": {"choice1": "response"}, "keys": {"f": 0, "j": 1}}
    expected = [[1, 0, 0], [1, 1, 1], [2, 0, 1]]
    assert lists(read_trials(path, "jspsych", **options), "subject", "trial", "choice1") == expected
    text(tmp_path, json.dumps([[1]]), "jatos.txt")
    with pytest.raises(BadInput, match="must be a list of screens"):
        read_trials(path, "jspsych", **options)


def test_a_wrong_value_is_named_by_its_file_and_row_where_there_are_several(tmp_path):
    for name, response in (("p1", "1"), ("p2", "left")):
        text(tmp_path, json.dumps([{"response": "0"}, {"response": response}]), f"{name}.json")
    with pytest.raises(BadInput, match=r"row 1 of p2.json: choice1 = left must be a whole number.*give keys="):
        read_trials(tmp_path, "jspsych", columns={"choice1": "response"})
    for file in tmp_path.glob("*.json"):
        file.unlink()
    for name, response in (("p1", "1"), ("p2", "left")):
        text(tmp_path, f"response,\n0,\n{response},\n", f"{name}.csv")
    with pytest.raises(BadInput, match=r"line 3 of p2.csv: choice1 = left"):
        read_trials(tmp_path, "jspsych", columns={"choice1": "response"})


def test_jspsych_needs_the_name_of_the_choice(tmp_path):
    with pytest.raises(BadInput, match="say which column holds the choice"):
        read_trials(text(tmp_path, "[]", "p.json"), "jspsych")
    with pytest.raises(BadInput, match="must be a list of screens"):
        read_trials(tmp_path / "p.json", "jspsych", columns={"choice1": "response"})
