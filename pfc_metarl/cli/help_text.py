"""How ``--help`` is laid out: sentences as wide as the terminal, commands in lines that can be copied."""

import argparse
import itertools
import re
import textwrap

WORD = re.compile(r"--\S+(?: (?!-)\S+)?|\S+")
"""An option with its value, or another word of a command."""
CONTINUED = " \\"
"""The end of a line of a command that goes on in the next."""


class HelpFormatter(argparse.HelpFormatter):
    """Lays out the text above and below the options: indented lines are commands, other lines are sentences."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return textwrap.indent(laid_out(text, width), indent)


def laid_out(text: str, width: int) -> str:
    r"""Return a text in lines of at most a width; a longer command is continued behind a backslash.

    Parameters
    ----------
    text : str
        Paragraphs of sentences, and commands, each in an indented line.
    width : int
        Columns.

    Returns
    -------
    str
        Sentences are filled; a word that is longer than the width stays whole.

    Examples
    --------
    >>> print(laid_out("Examples of what\ncan be run:\n  python -m pfc_metarl.simulate two_step --seed 0", 44))
    Examples of what can be run:
      python -m pfc_metarl.simulate two_step \
          --seed 0
    """
    paragraphs = []
    for is_command, lines in itertools.groupby(text.strip("\n").split("\n"), key=_kind):
        part = list(lines)
        if is_command == "command":
            paragraphs += [_command(line, width) for line in part]
        else:
            paragraphs += [textwrap.fill(" ".join(part), width, break_on_hyphens=False)] if part[0] else part
    return "\n".join(paragraphs)


def _kind(line: str) -> str:
    return "command" if line.startswith(" ") else "sentences" if line.strip() else "nothing"


def _command(line: str, width: int) -> str:
    indent = " " * (len(line) - len(line.lstrip()))
    if len(line) <= width:
        return line
    first, *words = WORD.findall(line)
    lines = [indent + first]
    for word in words:
        if len(lines[-1]) + len(f" {word}{CONTINUED}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(f"{indent}    {word}")
    return f"{CONTINUED}\n".join(lines)
