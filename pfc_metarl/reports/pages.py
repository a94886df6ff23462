"""Writing reports: one self-contained HTML page for a run, or for the comparison of several."""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pfc_metarl
from pfc_metarl.data.files import replacing
from pfc_metarl.reports.content import content
from pfc_metarl.reports.stored_nulls import stored
from pfc_metarl.runs.run import REPORT

if TYPE_CHECKING:
    import jinja2

    from pfc_metarl.experiments.base import Experiment
    from pfc_metarl.experiments.nulls import Null
    from pfc_metarl.runs.run import Run

FIGURES = "figures"
"""Folder of a run with its figures."""
TITLES = {
    "warnings": "Warnings",
    "run": "What was run",
    "headlines": "Headline measures",
    "learning": "Learning",
    "figures": "Figures",
    "controls": "Recordings and controls",
    "methods": "Methods",
    "repeat": "To repeat it",
}
TITLES_OF_COMPARISON = {
    "runs": "Runs",
    "headlines": "Headline measures",
    "learning": "Learning",
    "settings": "Settings that differ",
    "repeat": "To repeat it",
}


def write_report(
    run: Run,
    experiment: Experiment | None = None,
    nulls: Mapping[str, Sequence[Null]] | None = None,
    out: Path | None = None,
) -> Path:
    """Write the report of a run.

    Parameters
    ----------
    run : Run
    experiment : Experiment, optional
        Of the run; without it the report names no nulls and conditions.
    nulls : mapping, optional
        Nulls that were measured, see `pfc_metarl.experiments.nulls.nulls`; by default those stored with the run.
    out : Path, optional
        By default ``report.html`` in the run directory.

    Returns
    -------
    Path
        Of the page.
    """
    figures = _figures(run.folder / FIGURES)
    shown = content(run, experiment, stored(run) if nulls is None else nulls)
    there = {"warnings": shown["warnings"], "figures": figures}
    sections = [(name, text) for name, text in TITLES.items() if there.get(name, True)]
    return _write(
        out or run.folder / REPORT, "report.html", f"{shown['name']}: report", sections, **shown, figures=figures
    )


def write_comparison(runs: Sequence[Run], out: Path) -> Path:
    """Write a page that compares several runs with the first of them."""
    from pfc_metarl.reports.comparison import compared

    shown = compared(runs)
    title = f"Comparison of {', '.join(run['label'] for run in shown['runs'])}"
    return _write(out, "comparison.html", title, list(TITLES_OF_COMPARISON.items()), **shown)


def _write(out: Path, template: str, title: str, sections: Sequence[tuple[str, str]], **shown: Any) -> Path:
    page = _templates().get_template(template)
    text = page.render(title=title, sections=sections, written_by=pfc_metarl.__version__, **shown)
    with replacing(out) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return out


@functools.cache
def _templates() -> jinja2.Environment:
    import jinja2

    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    made = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    made.filters["unbroken"] = unbroken
    return made


def unbroken(text: str) -> str:
    """Return a text whose numbers stay in one line with the sign before them.

    Examples
    --------
    >>> unbroken("0.70 ± 0.01 (p < 0.05)").split()
    ['0.70', '±', '0.01', '(p', '<', '0.05)']
    >>> " " in unbroken("0.70 ± 0.01"), " " in unbroken("p < 0.05")
    (False, False)
    """
    return re.sub(r" ([±=<≥≤]) ", "\N{NBSP}\\1\N{NBSP}", text)


def _figures(folder: Path) -> list[dict[str, str]]:
    """Return the figures that were drawn from a run: the picture, and its legend as it stands in the file."""
    return [_figure(path) for path in sorted(folder.glob("*.png"))]


def _figure(path: Path) -> dict[str, str]:
    from PIL import Image

    with Image.open(path) as picture:
        legend = str(picture.info.get("Comment", ""))
    title, _, rest = legend.partition("\n\n")
    alt = " ".join(title.split()) or f"Figure {path.stem}"
    caption = " ".join(f"{title} {rest}".split()) or path.stem
    return {"data": base64.b64encode(path.read_bytes()).decode(), "alt": alt, "caption": caption}
