"""Headline measures: the rows of the table at the end of a run."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field, field_validator

from pfc_metarl import measures
from pfc_metarl.settings import BadInput, choice_of, settings

if TYPE_CHECKING:
    import xarray as xr


@settings
class Headline:
    """A row of the table at the end of a run.

    Parameters
    ----------
    label : str
    measure, variable : str
        Source of the number: the name of a result, and a variable of it with dimension subject.
    at : mapping
        Coordinates of the number along the other dimensions.
    expected : str
        Value expected from theory or the paper, for the settings of the experiment as it is written.
    criterion : pair of float or None, optional
        Lowest and highest value of a network that shows the effect, with these settings; None leaves an end open.
    reference : mapping of str
        Reference agents whose values are expected where settings of the task were changed: label -> name of the agent.
    criterion_between : tuple of (str, str, float), optional
        The criterion where settings of the task were changed: this fraction of the way from the value of the first
        label in `reference` to that of the second.
    null : tuple of str
        Reference agents, or "untrained" networks, which lack what is claimed: a criterion with one open end lies beyond
        the 95th percentile of each, see `pfc_metarl.experiments.nulls`. A criterion with two ends is a claim of
        equivalence and needs none.
    rests_on : tuple of str
        Settings besides those of the task and of probes on which `expected` and `criterion` hold: "learner.discount".
        Where one of them was changed nothing is expected, since the reference agents do not follow it.

    Examples
    --------
    >>> from pfc_metarl import measures
    >>> from pfc_metarl.data.example import example_recording
    >>> reward = Headline(label="reward per trial", measure="reward", variable="reward_per_trial")
    >>> reward.values({"reward": measures.reward_per_trial(example_recording())}).dims
    ('subject',)
    """

    label: str
    measure: str
    variable: str
    at: Mapping[str, Any] = Field(default_factory=dict)
    expected: str = ""
    criterion: tuple[float | None, float | None] | None = None
    reference: Mapping[str, str] = Field(default_factory=dict)
    criterion_between: tuple[str, str, float] | None = None
    null: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()

    @field_validator("criterion", mode="before")
    @classmethod
    def _is_a_pair(cls, given: Any) -> Any:
        if given is not None and not (isinstance(given, tuple | list) and len(given) == 2):
            raise ValueError("should be the lowest and the highest value, such as (0.6, None)")
        return given

    def values(self, results: Mapping[str, xr.Dataset]) -> xr.DataArray:
        """Return the number of every subject.

        Raises
        ------
        BadInput
            If the results have no such number.
        """
        found = _entry(results, self.measure, f"headline {self.label!r}: measure")
        values = _entry(found, self.variable, f"headline {self.label!r}: variable")
        for name, value in self.at.items():
            if name not in values.dims or value not in values[name].values:
                there = list(values[name].values) if name in values.dims else list(values.dims)
                raise BadInput(
                    f"headline {self.label!r}: at {name} = {value!r}: not there; there are {_listed(there)}."
                )
        values = values.sel(self.at, drop=True)
        if values.dims != ("subject",):
            raise BadInput(
                f"headline {self.label!r}: dims {values.dims}, expected subject alone; choose along the others by "
                "at={DIM: COORDINATE}."
            )
        return values


def _entry(entries: Mapping[Any, Any], name: str, what: str) -> Any:
    if name not in entries:
        raise BadInput(f"{what} = {name!r}: not there; there are {choice_of(map(str, entries), name)}")
    return entries[name]


def _listed(names: Iterable[Any]) -> str:
    return ", ".join(map(str, itertools.islice(names, 20)))


def within(values: Any, low: float | None, high: float | None) -> Any:
    """Return which values of an array lie from `low` to `high`; None is an open end, NaN never does."""
    return (values >= (-math.inf if low is None else low)) & (values <= (math.inf if high is None else high))


def reached(values: xr.DataArray, low: float | None, high: float | None) -> int:
    """Return how many values lie from `low` to `high`."""
    return int(within(values, low, high).sum())


def row(headline: Headline, results: Mapping[str, xr.Dataset]) -> dict[str, Any]:
    """Return label, expected, mean, sem, n, the value of every subject, and the criterion if there is one."""
    values = headline.values(results)
    mean, sem, n = measures.across_subjects(values.rename("value"))["value"].values.tolist()
    found: dict[str, Any] = {"measure": headline.label, "expected": headline.expected}
    found |= {"mean": _finite(mean), "sem": _finite(sem), "n": int(n)}
    found["subjects"] = [_finite(value) for value in values.values.tolist()]
    if headline.criterion is not None:
        found |= {"criterion": list(headline.criterion), "reached": reached(values, *headline.criterion)}
    return found


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
