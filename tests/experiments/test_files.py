import sys

import cloudpickle
import pytest

from pfc_metarl import experiments
from pfc_metarl.experiments.files import run_file
from pfc_metarl.experiments.registry import loaded
from tests.test_simulate import OUTSIDE

HELPER = "def pays(action, good_arm):\n    return (action == good_arm).float()\n"
WITH_HELPER = OUTSIDE.replace("import torch\n", "import torch\nfrom payment import pays\n").replace(
    "(action == state.good_arm).float()", "pays(action, state.good_arm)"
)


@pytest.mark.parametrize("name", ["copy", "random", "json", "types", "torch", "pfc_metarl"])
def test_a_file_never_replaces_a_module_of_python(tmp_path, name):
    before = sys.modules.get(name)
    (tmp_path / f"{name}.py").write_text(OUTSIDE)
    assert experiments.load(str(tmp_path / f"{name}.py")).networks == 2
    assert sys.modules.get(name) is before
    (tmp_path / "other.py").write_text(f"import {name}\n{OUTSIDE}")
    assert experiments.load(str(tmp_path / "other.py")).networks == 2
    assert sys.modules.get(name) is before


def test_files_in_its_folder_are_found_and_stored_with_it(tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    (tmp_path / "mine.py").write_text(WITH_HELPER)
    (tmp_path / "payment.py").write_text(HELPER)
    found = loaded(str(tmp_path / "mine.py"))
    assert found.sources == {"mine.py": WITH_HELPER, "payment.py": HELPER}


def test_each_file_has_its_own_helpers_in_their_present_version(tmp_path):
    for folder, text in (("a", HELPER), ("b", HELPER.replace("==", "!=")), ("a", HELPER + "x = 1\n")):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "mine.py").write_text(WITH_HELPER)
        (tmp_path / folder / "payment.py").write_text(text)
        assert run_file(tmp_path / folder / "mine.py").sources()["payment.py"] == text


def test_its_classes_and_those_of_its_helpers_are_pickled_by_value(tmp_path):
    (tmp_path / "mine.py").write_text(WITH_HELPER)
    (tmp_path / "payment.py").write_text(HELPER)
    task = experiments.load(str(tmp_path / "mine.py")).task
    assert b"pays" in cloudpickle.dumps(task)
    assert b"lab_file_mine" in cloudpickle.dumps(task)
