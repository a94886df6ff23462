import importlib
import importlib.util
import itertools
import sys

import pytest

from pfc_metarl.runs.code import code_hash, of_a_lab, package_hash
from pfc_metarl.tasks import TwoStep

NUMBERS = itertools.count()
TEXT = '''
import math
FACTOR = 2

def helper(x):
    return FACTOR * x

class Base:
    def scale(self):
        return 1

class Mine(Base):
    """A docstring."""

    field: int = 3

    def step(self, x):
        return helper(x) + self.scale() + math.pi

    @property
    def n(self):
        return 3
'''


@pytest.fixture
def hashed(tmp_path):
    """Return the hash of a class in a file with some text replaced."""

    def made(*replaced):
        text = TEXT
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new)
        name = f"lab_code_{next(NUMBERS)}"
        path = tmp_path / f"{name}.py"
        path.write_text(text)
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return code_hash(module.Mine)

    return made


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""A docstring."""', '"""Another."""'),
        ("def helper(x):", "def helper(x):  # a comment"),
        ("import math", "import math\nimport json"),
        ("FACTOR = 2", "FACTOR = 2\nUNUSED = 3"),
        ("helper(x) + self", "helper( x )  +  self"),
    ],
)
def test_comments_docstrings_layout_and_what_is_not_used_do_not_count(hashed, old, new):
    assert hashed((old, new)) == hashed()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("FACTOR = 2", "FACTOR = 3"),
        ("FACTOR * x", "FACTOR + x"),
        ("return 1", "return 2"),
        ("field: int = 3", "field: int = 4"),
        ("math.pi", "math.e"),
        ("        return 3", "        return 4"),
    ],
)
def test_code_counts_with_helpers_constants_and_base_classes(hashed, old, new):
    assert hashed((old, new)) != hashed()


def test_without_a_source_bytecode_is_hashed():
    found = {}
    for text in ("a = lambda x: x + 1", "a = lambda x:  x + 1", "a = lambda x: x + 2"):
        names = {"__name__": "__main__"}
        exec(text, names)
        found[text] = code_hash(names["a"])
    one, same, other = found.values()
    assert one == same != other


def test_modules_outside_the_package_belong_to_the_lab():
    assert of_a_lab(hashed)
    assert not of_a_lab(TwoStep)
    assert not of_a_lab(dict)
    assert not of_a_lab(pytest.fixture)
    assert len(package_hash()) == 16


def test_libraries_of_a_user_and_of_another_environment_are_no_code_of_a_lab(tmp_path, monkeypatch):
    for place in ("lab", ".local/lib/python3.11/site-packages"):
        (tmp_path / place).mkdir(parents=True)
        name = f"borrowed_{place.partition('/')[0].strip('.')}"
        (tmp_path / place / f"{name}.py").write_text("def f():\n    return 1\n")
        monkeypatch.syspath_prepend(tmp_path / place)
        assert of_a_lab(importlib.import_module(name).f) == (place == "lab")
