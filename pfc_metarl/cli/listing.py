"""Lists of names with what each is, as they fit the terminal."""

import shutil
import sys
import textwrap
from collections.abc import Mapping

from pfc_metarl.cli.encoding import encodable

WIDTH_OF_A_FILE = 100
"""Columns where there is no terminal."""


def print_list(rows: Mapping[str, str]) -> None:
    """Print names and what each is: beside each other, or below each other where the terminal is narrow.

    Examples
    --------
    >>> print_list({"rw": "Rescorla-Wagner", "kalman": "Kalman filter"})
    rw      Rescorla-Wagner
    kalman  Kalman filter
    """
    width = shutil.get_terminal_size((WIDTH_OF_A_FILE, 24)).columns
    first = 2 + max(map(len, rows), default=0)
    for name, about in rows.items():
        if width >= 2 * first:
            text = textwrap.fill(about, width, initial_indent=name.ljust(first), subsequent_indent=" " * first)
        else:
            text = f"{name}\n{textwrap.fill(about, width, initial_indent='  ', subsequent_indent='  ')}"
        print(encodable(text, sys.stdout.encoding or "utf-8"))
