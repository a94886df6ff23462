import dataclasses
import pickle
import sys

import numpy as np
import pydantic
import pytest

from pfc_metarl.settings import BadInput, changed, choice_of, merged, settings


@settings
class Inner:
    fraction: float = pydantic.Field(0.5, ge=0, le=1)


@settings
class Outer:
    count: int = pydantic.Field(3, ge=1)
    inner: Inner = Inner()
    groups: dict[str, Inner] = pydantic.Field(default_factory=lambda: {"a": Inner(), "b": Inner(fraction=0.25)})
    plain: dict[str, int] = pydantic.Field(default_factory=lambda: {"x": 1})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("fig5", "fig5_two_step, ... (30 in all); did you mean 'fig5_two_step'?"),
        ("zebra", "fig5_two_step, other_0, other_1, other_2, other_3, ... (30 in all)"),
    ],
)
def test_of_many_names_a_few_are_shown_and_the_beginning_of_a_name_finds_it(wrong, said):
    assert choice_of(["fig5_two_step", *(f"other_{n}" for n in range(29))], wrong).rstrip(".") == said.rstrip(".")


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
        ({"count": "many"}, r"count = 'many': must be a whole number\."),
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


def test_merged_lets_the_second_win_and_touches_neither():
    first, second = {"a": {"x": 1, "y": 2}, "b": 1}, {"a": {"y": 3}, "b": {"z": 1}, "c": 4}
    assert merged(first, second) == {"a": {"x": 1, "y": 3}, "b": {"z": 1}, "c": 4}
    assert (first, second) == ({"a": {"x": 1, "y": 2}, "b": 1}, {"a": {"y": 3}, "b": {"z": 1}, "c": 4})


@settings
class Both:
    """A setting that may be of two types, and settings within settings."""

    either: float | tuple[float, ...] = 0.5
    count: int = pydantic.Field(1, ge=0)
    outer: Outer = Outer()


@settings
class Names:
    names: tuple[str, ...] = ()


@settings
class Optional:
    count: int | None = None
    seconds: float | None = None


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Inner(fraction=2), "Inner.fraction = 2: should be less than or equal to 1."),
        (lambda: dataclasses.replace(Inner(), fraction=2), "Inner.fraction = 2: should be less than or equal to 1."),
        (lambda: Inner(part=2), "Inner.part = 2: there is no such setting; known here: fraction."),
        (
            lambda: Outer(count="x"),
            "Outer.count = 'x': must be a whole number.",
        ),
        (lambda: Outer(count=True), "Outer.count = True: must be a whole number."),
        (lambda: Outer(count="3"), "Outer.count = '3': must be a whole number."),
        (lambda: Outer(count=2.0), "Outer.count = 2.0: must be a whole number; write 2."),
        (lambda: Outer(count=2.5), "Outer.count = 2.5: must be a whole number."),
        (lambda: Outer(count=np.True_), "Outer.count = np.True_: must be a whole number."),
        (lambda: Inner(fraction="0.5"), "Inner.fraction = '0.5': must be a number."),
        (lambda: Optional(count=True), "Optional.count = True: must be a whole number."),
        (lambda: Optional(count="3"), "Optional.count = '3': must be a whole number."),
        (lambda: Optional(seconds="3"), "Optional.seconds = '3': must be a number."),
        (lambda: Inner(0.25), "Inner(0.25): settings are given by name, as fraction=0.25."),
        (lambda: Inner(fraction=False), "Inner.fraction = False: must be a number."),
        (lambda: Outer(inner={"fraction": 2}), "Outer.inner.fraction = 2: should be less than or equal to 1."),
        (
            lambda: Both(outer={"inner": {"fraction": 2}}),
            "Both.outer.inner.fraction = 2: should be less than or equal to 1.",
        ),
        (lambda: Both(either=(1.0, 2.0), count=-1), "Both.count = -1: should be greater than or equal to 0."),
        (
            lambda: Names(names="a"),
            "Names.names = 'a': should be a tuple; of one value it is written ('a',).",
        ),
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


def test_an_optional_number_may_be_left_out():
    made = Optional(count=None, seconds=2)
    assert (made, type(made.seconds)) == (Optional(seconds=2.0), float)


def test_a_refused_value_is_shown_in_a_line():
    with pytest.raises(BadInput) as refused:
        Outer(count=["a\n"] * 10_000)
    assert len(str(refused.value)) < 300
    assert "\n" not in str(refused.value)


def test_the_module_shows_its_public_names_only():
    shown = dir(sys.modules["pfc_metarl.settings"])
    assert {"BadInput", "changed", "settings"} <= set(shown)
    assert not {"pydantic", "re", "Any"} & set(shown)
