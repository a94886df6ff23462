"""Write the numbers of paper/paper.md from the tables of results, and build the paper: ``python -m analyses.paper``.

A number is followed by a comment with its source: ``0.701<!-- two_step: reward per trial -->`` is a mean over networks,
``0.64<!-- two_step: reward per trial, expected of model-free -->`` what is expected of others, and
``fourteen<!-- count: main experiments -->`` a number of things, in words up to twenty. Where pandoc is installed,
``paper.html`` is made, and ``paper.pdf`` by the first program of `PDF` that is installed.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analyses.readme import HOME, SUMMARIES, judged, known
from pfc_metarl.pretrained import files

PAPER = HOME / "paper" / "paper.md"
STYLE = PAPER.with_name("style.css")
AUTHOR = re.compile(r"^  - name: (.+)$", re.MULTILINE)
NUMBER = re.compile(r"(?:-?[\d.]+|[a-z]+)(<!--\s+(\w+):\s+(.+?)\s+-->)", re.DOTALL)
COUNTS = {"main experiments": lambda: len(files.names())}
"""What is counted, with the function that counts it."""
WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
PDF = ("xelatex", "pdflatex", "weasyprint", "chromium-headless-shell", "chromium", "google-chrome")
"""Programs that make a PDF, for pandoc or of the HTML page."""


def with_numbers(text: str, summaries: Mapping[str, Any]) -> str:
    """Return a text with every number that names its source up to date.

    Examples
    --------
    >>> summaries = {"two_step": {"measures": [{"measure": "reward per trial", "mean": 0.7012}]}}
    >>> with_numbers("earn 0<!-- two_step: reward per trial --> each", summaries)
    'earn 0.701<!-- two_step: reward per trial --> each'
    """

    def number(found: re.Match[str]) -> str:
        source = " ".join(found[3].split())
        value = _count(source) if found[2] == "count" else _result(found[2], summaries[found[2]], source)
        return f"{value}{found[1]}"

    return NUMBER.sub(number, text)


def _count(what: str) -> str:
    number = COUNTS[what]()
    return WORDS[number] if number < len(WORDS) else str(number)


def _result(name: str, summary: Mapping[str, Any], source: str) -> str:
    """Return the mean of a measure, or the number after a word in what is expected of it."""
    label, _, word = source.partition(", expected of ")
    (row,) = [row for row in summary["measures"] if row["measure"] == label]
    if not word:
        return f"{row['mean']:.3g}"
    (today,) = [each for each in judged(name, summary)["measures"] if each["measure"] == label]
    (value,) = re.findall(rf"{re.escape(word)} (-?[\d.]+)", today["expected"])
    return str(value)


def build(paper: Path) -> list[Path]:
    """Make ``paper.html``, and ``paper.pdf`` where a program for it is installed; return what was made.

    Parameters
    ----------
    paper : Path
        In Markdown, with ``references.bib`` and its figures beside it.
    """
    page, printed = paper.with_suffix(".html"), paper.with_suffix(".pdf")
    _pandoc(paper, page, "--self-contained", "--metadata", "lang=en", f"--css={STYLE.resolve()}")
    program = next((name for name in PDF if shutil.which(name)), None)
    if program is None:
        return [page]
    if "chrom" in program:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        command = [program, *options, f"--print-to-pdf={printed}", page.resolve().as_uri()]
        subprocess.run(command, check=True, capture_output=True)
    else:
        _pandoc(paper, printed, f"--pdf-engine={program}")
    return [page, printed]


def _pandoc(paper: Path, out: Path, *options: str) -> None:
    names = AUTHOR.findall(paper.read_text(encoding="utf-8").partition("affiliations:")[0])
    authors = [f"--metadata=author:{name}" for name in names]  # the journal calls them authors, pandoc author
    command = ["pandoc", paper.name, "--citeproc", "--standalone", *authors, *options, "-o", out.name]
    subprocess.run(command, cwd=paper.parent, check=True)


def main() -> int:
    """Bring the paper up to date, and build it where pandoc is installed."""
    PAPER.write_text(with_numbers(PAPER.read_text(encoding="utf-8"), known(SUMMARIES)), encoding="utf-8")
    made = build(PAPER) if shutil.which("pandoc") else []
    print(*made or [f"{PAPER} is up to date; install pandoc for a page and a PDF"], sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
