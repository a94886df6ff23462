"""Every claim beside the test that carries it: ``python -m analyses.claims [EXPERIMENT ...]``.

Measures the nulls of the named experiments (read from their run in runs/, or simulated), and writes docs/claims.md. The
claims of experiments are tested from data/derived/summaries.json, those of figures from their tables in data/derived.
The exit code is 1 if a claim has no test, does not hold, or has a criterion that its null reaches.
"""

import importlib
import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analyses import derived
from analyses.__main__ import figures
from analyses.claim import LEVEL, Row, corrected, row, title, with_tests
from analyses.folders import TABLES
from analyses.readme import HOME, PAGES, SECOND_SEED, SECOND_SUMMARIES, SUMMARIES, THIN, judged, margin
from analyses.readme import known as summaries_of
from pfc_metarl import experiments
from pfc_metarl.cli.commandline import Parser, exit_code
from pfc_metarl.data.files import write_json
from pfc_metarl.experiments.headline import Headline
from pfc_metarl.experiments.nulls import is_beyond, nulls
from pfc_metarl.runs.run import open_run

NULLS = SUMMARIES.parent / "nulls.json"
PAGE = HOME / "docs" / "claims.md"
FINDINGS = ("A control: ", *(f"The same with the {part} of Wang" for part in ("learning settings", "settings")))
FINDINGS += (
    "The same with the network and the learning settings of Wang",
    "The same with the view and the network of Wang",
    "What networks acquire",
)
"""Beginnings of claims of experiments of which nothing is claimed: what they reach is a finding."""

UNREPEATED: tuple[str, ...] = ()
"""Claims with a thin margin that were not run with the second seed; docs/experiments.md shows the margin."""

UNCONFIRMED = (
    "foraging_rpe_input",
    "harlow_objects_wang2016_stacked",
)
"""Experiments with a claim that the second seed alone does not show; docs/experiments.md says what it shows."""

WITHDRAWN = (("foraging_rpe_input", "matching slope, held-out probabilities"),)
"""Measures whose criterion no seed shows: it is drawn and counted, and nothing is claimed of it."""

HEADER = """# Claims

Written by `python -m analyses.claims`. Each row is a sentence of this project and the test that carries it. A network
is one observation; the test is a one-sided t test over networks against the bound, or, where two bounds stand, two
one-sided tests of equivalence. p is corrected after Holm over the rows of an experiment or figure. The null of an
experiment is a reference agent, or networks before training, in the same worlds; in brackets, the value that one of
its individuals exceeds in 5 % of cases. The last column is the mean and p of the same test in new networks, trained
with a seed that no search of a recipe has used. Figures are drawn, and their claims tested, with networks of the first
seed.
"""


def null_table(name: str, runs: Path = Path("runs")) -> dict[str, Any]:
    """Measure the nulls of an experiment, from its run if there is one; label of a headline -> its nulls."""
    experiment, recordings, seed = experiments.load(name), None, 0
    if (runs / name / "run.json").exists():
        run = open_run(runs / name)
        recordings, seed = {each: run.recording(each) for each in run.recordings()}, run.manifest["seed"]
    found = nulls(experiment, seed, recordings)
    return {
        label: [{"name": one.name, "limit": one.limit, "mean": float(np.nanmean(one.values))} for one in each]
        for label, each in found.items()
    }


def of_experiment(
    name: str, summary: Mapping[str, Any], known: Mapping[str, Any], second: Mapping[str, Any] | None = None
) -> list[Row]:
    """Return the claim of an experiment, a row for each criterion.

    Parameters
    ----------
    name : str
    summary : mapping
    known : mapping
        Its nulls.
    second : mapping, optional
        Its summary with the second seed.
    """
    experiment = experiments.load(name)
    if experiment.claim.startswith(FINDINGS):
        return []
    repeated = {each.measured: each for each in of_experiment(name, second, known)} if second else {}
    headlines = {headline.label: headline for headline in experiment.headlines}
    rows = []
    for each in judged(name, summary)["measures"]:
        if "criterion" in each and (name, each["measure"]) not in WITHDRAWN:
            null = null_in_words(headlines[each["measure"]], known.get(each["measure"], []))
            values = [np.nan if value is None else value for value in each["subjects"]]
            rows.append(row(f"`{name}`", experiment.claim, each["measure"], null, values, tuple(each["criterion"])))
    return [_with_second_seed(each, repeated.get(each.measured)) for each in corrected(rows)]


def _with_second_seed(first: Row, again: Row | None) -> Row:
    fits = again is not None and again.bounds == first.bounds
    return first._replace(again=(again.mean, again.p)) if again is not None and fits else first


def null_in_words(headline: Headline, known: Sequence[Mapping[str, Any]]) -> str:
    """Return the nulls of a criterion and their limits."""
    if not known:
        return "outside the bounds" if headline.criterion and None not in headline.criterion else "none"
    return ", ".join(f"{one['name'].replace('_', ' ')} {one['mean']:.3g} ({one['limit']:.3g})" for one in known)


def of_figure(name: str) -> list[Row]:
    """Return the claims of a figure, tested in its tables."""
    module = importlib.import_module(f"analyses.{name}")
    tables, _ = derived.load(TABLES / f"{name}.nc")
    return with_tests(name, getattr(module, "CLAIMS", ()), tables)


def mistakes(summaries: Mapping[str, Any], known: Mapping[str, Any], rows: Sequence[Row]) -> list[str]:
    """Return in sentences which claims have no test, do not hold, or have a criterion that its null reaches."""
    found = [f"{each.where}: {each.text!r} does not hold ({each.measured}, p = {each.p:.2g})" for each in rows]
    found = [sentence for sentence, each in zip(found, rows, strict=True) if not each.holds]
    tested_texts = {each.text for each in rows}
    for name in experiments.names():
        claim = experiments.load(name).claim
        if name in summaries and not claim.startswith(FINDINGS) and claim not in tested_texts:
            found.append(f"{name}: {claim!r} has no test")
    found += [f"{each.where}: {each.text!r} does not stand in the legend" for each in rows if not _is_printed(each)]
    found += [f"{name}: its title {text!r} has no test" for name, text in titles().items() if text not in tested_texts]
    for name, sentences in sentences_of_pages().items():
        found += [f"{name}: {text!r} is no sentence of a claim" for text in sentences if text not in tested_texts]
    found += [
        f"{each.where}, {each.measured}: not confirmed with seed {SECOND_SEED} ({again_in_words(each)})"
        for each in rows
        if each.again is not None and not each.again[1] < LEVEL and each.where.strip("`") not in UNCONFIRMED
    ]
    thin = unrepeated(summaries, summaries_of(SECOND_SUMMARIES))
    found += [sentence for name, sentence in sorted(thin.items()) if name not in UNREPEATED]
    return found + [sentence for name in known if name in summaries for sentence in reached_by_nulls(name, known[name])]


def _is_printed(each: Row) -> bool:
    """Whether the sentence of a figure is its title, stands in its legend, or is marked on a page."""
    if each.where not in figures():
        return True
    legend = " ".join((importlib.import_module(f"analyses.{each.where}").__doc__ or "").split())
    of_pages = [text for sentences in sentences_of_pages().values() for text in sentences]
    return each.text == titles()[each.where] or each.text in legend or each.text in of_pages


def reached_by_nulls(name: str, known: Mapping[str, Any]) -> list[str]:
    """Return which criteria of an experiment do not exclude their nulls."""
    found = []
    for headline in experiments.load(name).headlines:
        for one in known.get(headline.label, []) if headline.criterion else []:
            if not is_beyond(headline.criterion, one["limit"]):
                found.append(f"{name}, {headline.label}: {one['name']} reaches {one['limit']:.3g}")
    return found


def unrepeated(summaries: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, str]:
    """Return which claims have a criterion near to their mean and were not run with the second seed, in a sentence."""
    found = {}
    for name in set(summaries) - set(second):
        rows = [] if experiments.load(name).claim.startswith(FINDINGS) else judged(name, summaries[name])["measures"]
        for each in rows:
            if "criterion" in each and (least := margin(each)) < THIN:
                found[name] = f"{name}, {each['measure']}: margin {least:.1f} s.d., so run it with the second seed too"
    return found


def titles() -> dict[str, str]:
    """Return the title of every figure."""
    return {name: title(importlib.import_module(f"analyses.{name}").__doc__) for name in figures()}


def sentences_of_pages() -> dict[str, list[str]]:
    """Return the sentences that pages mark as claims: ``<!-- claim -->sentence<!-- end of claim -->``."""
    marked = re.compile(r"<!-- claim -->(.*?)<!-- end of claim -->", re.DOTALL)
    return {
        page.name: [" ".join(text.split()) for text in marked.findall(page.read_text(encoding="utf-8"))]
        for page in PAGES
    }


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a markdown table."""
    lines = [
        f"| where | claim | measured | bounds | null | n | mean [95 % interval] | p | seed {SECOND_SEED} |",
        "|---|---|---|---|---|--:|---|---|---|",
    ]
    before: tuple[str, str] = ("", "")
    for each in rows:
        first = ("" if each.where == before[0] else each.where, "" if before == each[:2] else each.text)
        before = each[:2]
        effect = f"{each.mean:.3g} [{each.interval[0]:.3g}, {each.interval[1]:.3g}]"
        cells = (
            *first,
            each.measured,
            bounds_in_words(each.bounds),
            each.null,
            str(each.n),
            effect,
            p_in_words(each.p),
            again_in_words(each),
        )
        lines.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    return "\n".join(lines)


def bounds_in_words(bounds: tuple[float | None, float | None]) -> str:
    """Return the bounds of a mean.

    Examples
    --------
    >>> bounds_in_words((0.8, None)), bounds_in_words((0.8, 1.25))
    ('> 0.8', '0.8 to 1.25')
    """
    low, high = bounds
    return f"> {low:.3g}" if high is None else f"< {high:.3g}" if low is None else f"{low:.3g} to {high:.3g}"


def again_in_words(each: Row) -> str:
    """Return mean and p of a claim with the second seed; nothing if it was not run."""
    return "" if each.again is None else f"{each.again[0]:.3g}, p {_comparison(each.again[1])}"


def _comparison(p: float) -> str:
    return p_in_words(p) if p < 1e-4 else f"= {p_in_words(p)}"


def p_in_words(p: float) -> str:
    """Return a p value with one digit.

    Examples
    --------
    >>> p_in_words(0.032), p_in_words(1e-9)
    ('0.03', '< 0.0001')
    """
    return "< 0.0001" if p < 1e-4 else f"{p:.1g}"


def all_rows(summaries: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, list[Row]]:
    """Return all claims with their tests, of experiments and of figures."""
    second = summaries_of(SECOND_SUMMARIES)
    of_experiments = [
        each
        for name in summaries
        for each in of_experiment(name, summaries[name], known.get(name, {}), second.get(name))
    ]
    return {"Experiments": of_experiments, "Figures": [each for name in figures() for each in of_figure(name)]}


def page(rows: Mapping[str, Sequence[Row]]) -> str:
    """Return the page of claims."""
    parts = [f"## {title}\n\n{table(of_kind)}\n" for title, of_kind in rows.items()]
    return "\n".join([HEADER, *parts])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure nulls, write the page, and print what is wrong; return the exit code."""
    parser = Parser(prog="python -m analyses.claims", description=(__doc__ or "").partition(":")[0])
    parser.add_argument("names", nargs="*", metavar="EXPERIMENT", help="experiments whose nulls are measured")
    return exit_code(lambda: _written(parser.parse_args(arguments).names))


def _written(names: Sequence[str]) -> int:
    summaries = json.loads(SUMMARIES.read_text(encoding="utf-8"))
    known = json.loads(NULLS.read_text(encoding="utf-8")) if NULLS.exists() else {}
    for name in names:
        known[name] = null_table(name)
        write_json(NULLS, {each: known[each] for each in sorted(known)})
    rows = all_rows(summaries, known)
    PAGE.write_text(page(rows), encoding="utf-8")
    wrong = mistakes(summaries, known, [each for of_kind in rows.values() for each in of_kind])
    for each in wrong:
        print(each, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
