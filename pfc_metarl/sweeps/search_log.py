"""The log of a search: a markdown table, and its place on the page of recipes."""

import math
import re
from collections.abc import Sequence
from typing import Any

from pfc_metarl.settings import counted
from pfc_metarl.sweeps.search import UPDATES, Search, Trial


def table(trials: Sequence[Trial]) -> str:
    """Return the log of a search as a markdown table: the last rung first, and the best first in each."""
    if not trials:
        return ""
    names = [name.rpartition(".")[2] for name in trials[0].candidate.settings if name != UPDATES]
    measures = list(dict.fromkeys(label for each in trials for label in each.measures))
    columns = ["updates", "draw", *names, "reward", "lowest", *measures, "s"]
    rows = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    for each in sorted(trials, key=lambda each: (-each.rung, -each.reward)):
        settings = [_cell(value) for name, value in each.candidate.settings.items() if name != UPDATES]
        draw = str(each.candidate.draw) if each.candidate.draw else "present"
        means = [f"{each.measures.get(label, math.nan):.4g}" for label in measures]
        ends = [f"{each.reward:.4f}", f"{each.lowest:.4f}", *means, f"{each.seconds:.3g}"]
        rows.append(f"| {' | '.join([str(each.updates), draw, *settings, *ends])} |")
    return "\n".join(rows)


def _cell(value: Any) -> str:
    return "as the initial one" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)


def heading(search: Search) -> str:
    """Return what was searched, in a sentence."""
    last = search.seed + search.rungs - 1
    seeds = f"seed {search.seed}" if search.rungs == 1 else f"seeds {search.seed} to {last}"
    if search.rows:
        what = f"listed search: its present settings and {counted(len(search.rows), 'other')}"
        updates = f"updates: {search.updates} at most" if any(UPDATES in row for row in search.rows) else ""
    else:
        halved = f", halved {counted(search.rungs - 1, 'time')}" if search.rungs > 1 else ""
        what = f"random search: its present settings and {counted(search.draws, 'draw')}{halved}"
        updates = ""
    updates = updates or f"updates: {search.updates}"
    return f"`{search.experiment}`, {what}, networks: {search.networks}, {updates}, {seeds}."


def written(page: str, search: Search, trials: Sequence[Trial]) -> str:
    """Return a page with the log of a search.

    It replaces that of an earlier search of the same name; otherwise it stands below the paragraph that says how to
    repeat the search, or at the end.

    Examples
    --------
    >>> page = written("Recipes", Search("two_step", {}), [])
    >>> page.splitlines()[2:4]
    ['<!-- random search two_step -->', '`two_step`, random search: its present settings and 8 draws, networks: 2, \
updates: 600, seed 1100.']
    """
    kind = "listed" if search.rows else "random"
    begin, end = f"<!-- {kind} search {search.name or search.experiment} -->", "<!-- end of the search -->"
    block = f"{begin}\n{heading(search)}\n\n{table(trials)}\n{end}"
    pattern = re.compile(rf"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if pattern.search(page):
        return pattern.sub(lambda _: block, page)
    paragraphs = page.rstrip().split("\n\n")
    repeat = [number for number, text in enumerate(paragraphs) if "Repeat: " in text and f"/{search.name}.toml" in text]
    paragraphs.insert(repeat[0] + 1 if repeat else len(paragraphs), block)
    return "\n\n".join(paragraphs) + "\n"
