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


def test_jspsych_needs_the_name_of_the_choice(tmp_path):
    with pytest.raises(BadInput, match="say which column holds the choice"):
        read_trials(text(tmp_path, "[]", "p.json"), "jspsych")
    with pytest.raises(BadInput, match="must be a list of screens"):
        read_trials(tmp_path / "p.json", "jspsych", columns={"choice1": "response"})
