import dataclasses
import pickle
import sys

import numpy as np
import pydantic
import pytest

from pfc_metarl.settings import BadInput, assignment, changed, merged, settings


@settings
class Inner:
    fraction: float = pydantic.Field(0.5, ge=0, le=1)


@settings
class Outer:
    count: int = pydantic.Field(3, ge=1)
    inner: Inner = Inner()
    groups: dict[str, Inner] = pydantic.Field(default_factory=lambda: {"a": Inner(), "b": Inner(fraction=0.25)})
    plain: dict[str, int] = pydantic.Field(default_factory=lambda: {"x": 1})


def test_the_nearest_name_is_suggested_in_python_too():
    with pytest.raises(BadInput, match=r"^Outer\.cuont = 3: there is no such setting; .*did you mean 'count'\?$"):
        Outer(cuont=3)


def test_settings_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Inner().fraction = 0.1


@pytest.mark.parametrize("wrong", [{"fraction": 1.5}, {"fraction": "much"}, {"fractoin": 0.5}, {"fraction": None}])
def test_a_wrong_value_is_refused_when_given(wrong):
    with pytest.raises(BadInput, match=r"^Inner\.fract"):
        Inner(**wrong)


def test_changed_replaces_nested_fields_and_leaves_the_original():
    outer = Outer()
    new = changed(outer, {"count": 7, "inner": {"fraction": 0.75}, "groups": {"b": {"fraction": 1}}, "plain": {"y": 2}})
    assert new == Outer(
        count=7,
        inner=Inner(fraction=0.75),
        groups={"a": Inner(), "b": Inner(fraction=1.0)},
        plain={"x": 1, "y": 2},
    )
    assert outer == Outer()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inner": {"fraction": 2}}, r"inner\.fraction = 2: should be less than or equal to 1\."),
        ({"count": "many"}, r"count = 'many': should be a valid integer"),
        (
            {"cuont": 3},
            r"cuont = 3: there is no such setting; known here: count, inner, groups, plain; did you mean 'count'\?",
        ),
        ({"inner": {"part": 3}}, r"inner\.part = 3: there is no such setting; known here: fraction\."),
        ({"innr": {"fraction": 1}}, r"innr = .*did you mean 'inner'\?"),
        ({"count": {"fraction": 1}}, r"count\.fraction: count is one value, not a group.*groups here: inner\."),
        ({"groups": {"bb": {"fraction": 1}}}, r"groups\.bb: .*did you mean 'b'\?"),
        ({"inner": 3}, r"inner = 3: this is a group of settings"),
        ({"groups": {"c": {"fraction": 1}}}, r"groups\.c: there is no such entry; known here: a, b\."),
        ({"groups": {"a": {"fraction": -1}}}, r"groups\.a\.fraction = -1: should be greater than or equal to 0\."),
    ],
)
def test_changed_refuses_in_one_sentence(changes, message):
    with pytest.raises(BadInput, match=message) as refused:
        changed(Outer(), changes)
    assert "\n" not in str(refused.value)


def test_changed_says_where_the_record_sits():
    with pytest.raises(BadInput, match=r"^task\.fraction = 2: "):
        changed(Inner(), {"fraction": 2}, "task.")


def test_a_refusal_of_two_fields_together_is_a_sentence_too():
    @settings
    class Bounds:
        low: float = 0.0
        high: float = 1.0

        def __post_init__(self):
            if self.low >= self.high:
                raise ValueError(f"low = {self.low} must lie below high = {self.high}")

    with pytest.raises(BadInput, match=r"^task: low = 2\.0 must lie below high = 1\.0\.$"):
        changed(Bounds(), {"low": 2}, "task.")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("0.5", 0.5),
        ("true", True),
        ('"3"', "3"),
        ("gru", "gru"),
        ("[1, 2]", [1, 2]),
        ("", ""),
        ("a=b", "a=b"),
    ],
)
def test_assignment_reads_toml_else_text(text, value):
    assert assignment(f"network.core={text}") == {"network": {"core": value}}


@pytest.mark.parametrize("text", ["network.core", "=3", "network.=3", "net work=3", "2nd=3"])
def test_assignment_refuses_what_names_nothing(text):
    with pytest.raises(BadInput, match="NAME=VALUE"):
        assignment(text)


def test_merged_lets_the_second_win_and_touches_neither():
    first, second = {"a": {"x": 1, "y": 2}, "b": 1}, {"a": {"y": 3}, "b": {"z": 1}, "c": 4}
    assert merged(first, second) == {"a": {"x": 1, "y": 3}, "b": {"z": 1}, "c": 4}
    assert (first, second) == ({"a": {"x": 1, "y": 2}, "b": 1}, {"a": {"y": 3}, "b": {"z": 1}, "c": 4})


@pytest.mark.parametrize("text", ["a." * 5000 + "b=1", "x" * 100_000])
def test_a_name_that_is_too_deep_or_too_long_is_refused_in_a_short_sentence(text):
    with pytest.raises(BadInput, match="expected NAME=VALUE") as caught:
        assignment(text)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("value", ["[" * 5000, "9" * 5000])
def test_a_value_that_toml_cannot_hold_is_text(value):
    assert assignment(f"task.x={value}") == {"task": {"x": value}}


@settings
class Both:
    """A setting that may be of two types, and settings within settings."""

    either: float | tuple[float, ...] = 0.5
    count: int = pydantic.Field(1, ge=0)
    outer: Outer = Outer()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Inner(fraction=2), "Inner.fraction = 2: should be less than or equal to 1."),
        (lambda: dataclasses.replace(Inner(), fraction=2), "Inner.fraction = 2: should be less than or equal to 1."),
        (lambda: Inner(part=2), "Inner.part = 2: there is no such setting; known here: fraction."),
        (
            lambda: Outer(count="x"),
            "Outer.count = 'x': should be a valid integer, unable to parse string as an integer.",
        ),
        (lambda: Outer(count=True), "Outer.count = True: must be a number."),
        (lambda: Inner(fraction=False), "Inner.fraction = False: must be a number."),
        (lambda: Outer(inner={"fraction": 2}), "Outer.inner.fraction = 2: should be less than or equal to 1."),
        (
            lambda: Both(outer={"inner": {"fraction": 2}}),
            "Both.outer.inner.fraction = 2: should be less than or equal to 1.",
        ),
        (lambda: Both(either=(1.0, 2.0), count=-1), "Both.count = -1: should be greater than or equal to 0."),
        (lambda: Both(either=None), "Both.either = None: should be a valid number or should be a valid tuple."),
        (
            lambda: Both(either=None, count=-1, part=3),
            "Both.count = -1: should be greater than or equal to 0; 2 more cannot be used: either, part.",
        ),
    ],
)
def test_a_wrong_value_gives_one_sentence_with_class_field_value_and_what_is_allowed(make, said):
    with pytest.raises(BadInput) as refused:
        make()
    assert str(refused.value) == said
    assert str(pickle.loads(pickle.dumps(refused.value))) == said  # workers send it to the process that started them
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_numbers_of_numpy_are_numbers():
    made = Outer(count=np.int64(4), inner=Inner(fraction=np.float32(0.5)))
    assert (made, type(made.count), type(made.inner.fraction)) == (
        Outer(count=4, inner=Inner(fraction=0.5)),
        int,
        float,
    )


def test_a_refused_value_is_shown_in_a_line():
    with pytest.raises(BadInput) as refused:
        Outer(count=["a\n"] * 10_000)
    assert len(str(refused.value)) < 300
    assert "\n" not in str(refused.value)


def test_the_module_shows_its_public_names_only():
    shown = dir(sys.modules["pfc_metarl.settings"])
    assert {"BadInput", "changed", "settings"} <= set(shown)
    assert not {"pydantic", "re", "Any"} & set(shown)
