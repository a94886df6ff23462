"""Write the numbers of paper/paper.md from the tables of results: ``python -m analyses.paper``.

A number is followed by a comment with its source: ``0.701<!-- two_step: reward per trial -->``.
"""

import re
import sys
from collections.abc import Mapping
from typing import Any

from analyses.readme import HOME, SUMMARIES, known

PAPER = HOME / "paper" / "paper.md"
NUMBER = re.compile(r"-?[\d.]+(<!--\s+(\w+):\s+(.+?)\s+-->)", re.DOTALL)


def with_numbers(text: str, summaries: Mapping[str, Any]) -> str:
    """Return a text with every number that names its source up to date.

    Examples
    --------
    >>> summaries = {"two_step": {"measures": [{"measure": "reward per trial", "mean": 0.7012}]}}
    >>> with_numbers("earn 0<!-- two_step: reward per trial --> each", summaries)
    'earn 0.701<!-- two_step: reward per trial --> each'
    """

    def number(found: re.Match[str]) -> str:
        name, label = found[2], " ".join(found[3].split())
        (mean,) = [row["mean"] for row in summaries[name]["measures"] if row["measure"] == label]
        return f"{mean:.3g}{found[1]}"

    return NUMBER.sub(number, text)


def main() -> int:
    """Bring the paper up to date."""
    PAPER.write_text(with_numbers(PAPER.read_text(encoding="utf-8"), known(SUMMARIES)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
