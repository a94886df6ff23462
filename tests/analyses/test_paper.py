import re

from analyses.paper import NUMBER, PAPER, with_numbers
from analyses.readme import SUMMARIES, known

TEXT = PAPER.read_text(encoding="utf-8")
SECTIONS = (
    "Summary",
    "Statement of need",
    "State of the field",
    "Software design",
    "Quality control",
    "Research impact statement",
    "AI usage disclosure",
)


def test_numbers_are_those_of_the_tables():
    assert len(NUMBER.findall(TEXT)) >= 5
    assert with_numbers(TEXT, known(SUMMARIES)) == TEXT


def test_a_number_that_is_out_of_date_is_replaced():
    old = "0.9<!-- two_step: reward per trial -->"
    (row,) = [row for row in known(SUMMARIES)["two_step"]["measures"] if row["measure"] == "reward per trial"]
    assert with_numbers(old, known(SUMMARIES)).startswith(f"{row['mean']:.3g}<")


def test_the_paper_has_its_sections_and_the_length_that_the_journal_asks_for():
    body = TEXT.split("---", 2)[2]
    assert all(f"\n# {section}\n" in body for section in SECTIONS)
    prose = re.sub(r"^#.*$", "", re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL), flags=re.MULTILINE)
    words = prose.split()
    assert 750 <= len(words) <= 1750


def test_every_citation_has_its_reference_and_every_reference_is_cited():
    cited = set(re.findall(r"@(\w+)", TEXT.split("---", 2)[2]))
    listed = re.findall(r"^@\w+\{(\w+),", PAPER.with_name("references.bib").read_text(encoding="utf-8"), re.MULTILINE)
    assert cited == set(listed)
    assert len(listed) == len(set(listed))
