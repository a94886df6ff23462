"""A lab's own task file with lines lost, numbers, names and signs changed: it works, or is refused in a sentence."""

import re

from hypothesis import strategies as st

from pfc_metarl.simulate import main as simulate_main
from tests.test_simulate import OUTSIDE
from tests.torture.harness import fuzz
from tests.torture.test_fuzz_command_line import _here, _outcome

TOKENS = re.findall(r"\w+|[^\w\s]", OUTSIDE)
POOL = [
    *sorted(set(TOKENS)),
    "0",
    "-1",
    "2",
    "7",
    "0.5",
    "1e400",
    "10**30",
    "None",
    "nan",
    "'é'",
    "lambda: 0",
    "*",
    "[]",
]
CHANGE = st.tuples(
    st.sampled_from(["delete", "double", "swap", "cut", "token", "token", "token", "token", "byte", "dedent"]),
    st.floats(0, 1, exclude_max=True),
    st.sampled_from(POOL),
    st.characters(),
)
MUTANTS = st.lists(CHANGE, min_size=1, max_size=3)


def attack(cases, seed, folder):
    def check(changes):
        text = OUTSIDE
        for change in changes:
            text = _changed(text, *change)
        with open("mutant.py", "w", encoding="utf-8", errors="surrogatepass") as file:
            file.write(text)
        wrong = _outcome(simulate_main, ["mutant.py", "--print-config"], {"mutant.py"})
        return wrong and f"{wrong} {_difference(text)}"

    with _here(folder):
        return fuzz("fuzzed task files", MUTANTS, check, cases, seed)


def _changed(text, kind, place, token, character):
    lines = text.splitlines(keepends=True) or [""]
    at = int(place * len(lines))
    if kind == "token":
        found = list(re.finditer(r"\w+|[^\w\s]", text))
        if not found:
            return token
        one = found[int(place * len(found))]
        return text[: one.start()] + token + text[one.end() :]
    if kind == "byte":
        at = int(place * len(text))
        return text[:at] + character + text[at + 1 :]
    new = {
        "delete": [],
        "double": [lines[at]] * 2,
        "swap": [lines[(at + 1) % len(lines)], lines[at]],
        "dedent": [lines[at].removeprefix("    ")],
        "cut": [],
    }[kind]
    rest = [] if kind == "cut" else lines[at + 1 :]
    return "".join([*lines[:at], *new, *rest])


def _difference(text):
    old = set(OUTSIDE.splitlines())
    return [line for line in text.splitlines() if line not in old][:3]


def test_any_task_file_works_or_is_refused_in_a_sentence(tmp_path):
    assert not attack(150, 0, tmp_path).lost
