import base64
import io
import re
import shutil

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from pfc_metarl import open_run
from pfc_metarl.reports.pages import TITLES, write_comparison, write_report
from pfc_metarl.runs.run import REPORT
from tests.reports.page import Page


@pytest.fixture
def run(tiny_run, tmp_path):
    shutil.copytree(tiny_run, tmp_path / "run", ignore=shutil.ignore_patterns("figures"))
    return open_run(tmp_path / "run")


def text_of(path):
    return path.read_text(encoding="utf-8")


def test_a_run_ends_with_its_report(tiny_run):
    assert "<h1>two_step</h1>" in text_of(tiny_run / REPORT)


def test_a_report_is_well_formed_and_needs_nothing_else(run):
    page = Page(text_of(write_report(run, run.experiment)))
    assert page.mistakes == []
    assert [name for name, _ in page.elements].count("section") >= len(TITLES) - 2


def test_mistakes_of_a_page_are_found():
    wrong = '<div><p><a href="#x">a</a><img src="http://a.b/c.png"><svg></svg></b><script></script>'
    found = " ".join(Page(wrong).mistakes)
    for part in (
        "is not closed",
        "closes another",
        "#x leads nowhere",
        "http://a.b/c.png from",
        "script",
        "<svg> has no",
    ):
        assert part in found


def test_a_report_shows_what_the_run_holds(run):
    text = text_of(write_report(run, run.experiment))
    summary = run.summary()
    for row in summary["measures"]:
        assert row["measure"] in text
    assert run.manifest["files"]["test.nc"]["sha256"] in text
    assert "model free, extended state" in text  # the nulls of the reward
    assert run.manifest["provenance"]["torch"] in text
    assert "pfc_metarl.simulate two_step" in text


def test_a_report_of_the_same_run_has_the_same_bytes(run):
    first = write_report(run, run.experiment).read_bytes()
    assert write_report(run, run.experiment).read_bytes() == first


def test_figures_of_a_run_are_inside_with_their_legends(run):
    (run.folder / "figures").mkdir()
    inside = PngInfo()
    inside.add_text("Comment", "Figure 9: eight dots.\n\na, where\nthey are <&>.")
    Image.new("L", (2, 2)).save(run.folder / "figures" / "fig9.png", pnginfo=inside)
    text = text_of(write_report(run))
    assert 'alt="Figure 9: eight dots."' in text
    assert "a, where they are &lt;&amp;&gt;." in text
    data = text.partition("base64,")[2].partition('"')[0]
    assert Image.open(io.BytesIO(base64.b64decode(data))).size == (2, 2)
    assert Page(text).mistakes == []


def test_names_of_a_lab_are_text_and_no_markup(run):
    run.manifest["experiment"] = "<script>alert(1)</script>"
    text = text_of(write_report(run))
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_runs_are_compared_on_one_page(run, tmp_path):
    shutil.copytree(run.folder, tmp_path / "other")
    other = open_run(tmp_path / "other")
    text = text_of(write_comparison([run, other], tmp_path / "both.html"))
    assert Page(text).mistakes == []
    assert "Comparison of run, other" in text
    low, high = re.search(r"difference (-[\d.]+) to ([\d.]+)", text).groups()
    assert float(low) == -float(high) != 0  # of a run from its copy
