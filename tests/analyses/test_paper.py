import re
import shutil
import subprocess

import pytest

from analyses.paper import NUMBER, PAPER, WORDS, build, with_numbers
from analyses.readme import HOME, SUMMARIES, known

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


def test_a_count_and_what_is_expected_are_written_too():
    typed = "two<!-- count: main experiments --> and 9<!-- two_step: reward per trial, expected of chance -->"
    written = NUMBER.sub(r"\1", with_numbers(typed, known(SUMMARIES)))
    shown = re.sub(r"<!--.*?-->", "", with_numbers(typed, known(SUMMARIES)))
    assert written == NUMBER.sub(r"\1", typed)  # the sources stay
    assert WORDS.index(shown.split()[0]) == len(list((HOME / "pfc_metarl" / "pretrained" / "cards").glob("*.md")))
    assert float(shown.split()[2]) == 0.5  # of two equal first-stage options


def test_no_result_is_typed_by_hand():
    body = TEXT.split("---", 2)[2]
    typed = re.findall(r"\d+\.\d+|\d+ %", NUMBER.sub("", body))
    assert typed == []


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


needs_figures = pytest.mark.skipif(not (PAPER.parent / "figures").exists(), reason="an sdist has no figures")


@needs_figures
def test_figures_of_the_paper_are_there():
    figures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", TEXT)
    assert figures
    assert all((PAPER.parent / figure).is_file() for figure in figures)


@pytest.mark.skipif(not shutil.which("pandoc"), reason="there is no pandoc")
def test_citations_resolve(tmp_path):
    command = ["pandoc", str(PAPER), "--citeproc", "--bibliography", str(PAPER.with_name("references.bib"))]
    done = subprocess.run([*command, "-t", "plain"], capture_output=True, encoding="utf-8", check=True)
    assert done.stderr == ""
    assert "(Wang et al. 2018, 2016)" in " ".join(done.stdout.split())
    assert not re.search(r"@\w|\?\?", done.stdout)


@needs_figures
@pytest.mark.skipif(not shutil.which("pandoc"), reason="there is no pandoc")
def test_the_paper_is_built_as_one_page(tmp_path):
    for name in ("paper.md", "references.bib"):
        shutil.copy(PAPER.with_name(name), tmp_path)
    (tmp_path / "figures").symlink_to(PAPER.parent / "figures")
    made = build(tmp_path / "paper.md")
    assert made[0].name == "paper.html"
    assert all(path.stat().st_size > 10_000 for path in made)
    page = made[0].read_text(encoding="utf-8")
    assert "data:image/png;base64" in page
    assert not re.search(r'(src|href)="(?!data:|#|https://(doi\.org|arxiv\.org|\w+))', page)
