"""The reference can be used without the source: examples import what they use, every parameter is described."""

import ast
import builtins
import doctest
import inspect
import re

import pytest

from tests.docs.public_names import FURTHER, PUBLIC, named, written

DOCUMENTED = [(name, value) for name, value in PUBLIC if inspect.isclass(value) or inspect.isroutine(value)]
DOCUMENTED += [(name, named(name)) for name in FURTHER]
IDS = [name for name, _ in DOCUMENTED]
ASSUMED = set(re.findall(r"`(\w+)`", written.EXAMPLES))
"""Names that every page of the reference says its examples use."""


def missing_imports(documentation, own):
    """Return the names that examples use and neither define nor import."""
    examples = doctest.DocTestParser().get_examples(documentation)
    nodes = list(ast.walk(ast.parse("\n".join(each.source for each in examples))))
    used = {each.id for each in nodes if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}
    made = {each.id for each in nodes if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
    made |= {each.name for each in nodes if isinstance(each, ast.FunctionDef | ast.ClassDef)}
    made |= {each.arg for each in nodes if isinstance(each, ast.arg)}
    imports = [each for each in nodes if isinstance(each, ast.Import | ast.ImportFrom)]
    made |= {(name.asname or name.name).partition(".")[0] for each in imports for name in each.names}
    return used - made - ASSUMED - {own} - set(dir(builtins))


def test_missing_imports_are_found():
    code = ">>> import json\n>>> found = [json.loads(text) for text in texts]\n>>> print(found, own)"
    assert missing_imports(code, "own") == {"texts"}


@pytest.mark.parametrize(("name", "value"), DOCUMENTED, ids=IDS)
def test_examples_import_what_they_use(name, value):
    assert missing_imports(inspect.getdoc(value) or "", name.rpartition(".")[2]) == set()


def described(value):
    """Return the names of the parameters that a docstring describes, and those of the class to which it refers."""
    text = inspect.cleandoc(value.__doc__)
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\w[\w ]*\n---|\Z)", text, re.DOTALL | re.MULTILINE)
    heads = re.findall(r"^([*\w][*\w, ]*?)(?: :.*)?$", section[1], re.MULTILINE) if section else []
    names = {name.strip(" *") for head in heads for name in head.split(",")}
    if other := re.search(r"parameters?\s+(?:are|is)\s+(?:those|that)\s+of\s+`(\w+)`", text):
        base = next(each for each in value.__mro__ if each.__name__ == other[1])
        names |= described(base)
    return names


def is_a_list_of_fields(value):
    """Return whether a class is a tuple, or a protocol, whose fields and methods have docstrings of their own."""
    return inspect.isclass(value) and (getattr(value, "_is_protocol", False) or issubclass(value, tuple))


@pytest.mark.parametrize(("name", "value"), DOCUMENTED, ids=IDS)
def test_every_parameter_is_described(name, value):
    if is_a_list_of_fields(value) or (inspect.isclass(value) and issubclass(value, Warning | RuntimeError)):
        return
    taken = [each for each in inspect.signature(value).parameters if each not in ("self", "cls")]
    assert set(taken) - described(value) == set()


TUPLES = [(name, value) for name, value in DOCUMENTED if inspect.isclass(value) and issubclass(value, tuple)]


@pytest.mark.parametrize(("name", "value"), TUPLES, ids=[name for name, _ in TUPLES])
def test_every_field_of_a_tuple_is_described(name, value):
    (made,) = ast.parse(inspect.cleandoc("\n" + inspect.getsource(value))).body
    fields = [each.target.id for each in made.body if isinstance(each, ast.AnnAssign)]
    following = zip(made.body, made.body[1:], strict=False)
    with_text = {one.target.id for one, two in following if isinstance(one, ast.AnnAssign) and is_text(two)}
    assert set(fields) - with_text - described(value) == set()


def is_text(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def test_what_is_no_function_and_no_class_is_described():
    assert {name.rpartition(".")[2] for name, value in PUBLIC if not callable(value)} == set(written.VALUES)


@pytest.mark.parametrize("name", FURTHER)
def test_what_public_names_take_and_return_is_in_the_reference(name):
    assert re.search(rf"^\.\. auto\w+:: {name}$", "".join(map(written.reference, written.WINGS)), re.MULTILINE)
