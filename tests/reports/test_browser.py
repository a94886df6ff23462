"""Reports in headless Chromium: laptop and phone, without colour, without a message in the console."""

import shutil

import numpy as np
import pytest
from PIL import Image

from pfc_metarl import open_run
from pfc_metarl.reports.pages import write_comparison, write_report
from tests.reports.browser import PROGRAM, faults

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium (Debian: chromium-headless-shell)")


@pytest.fixture
def run(tiny_run, tmp_path):
    """A run with a figure, and with the names that are longest: of a commit and of a platform."""
    shutil.copytree(tiny_run, tmp_path / "run")
    (tmp_path / "run" / "figures").mkdir(exist_ok=True)
    pixels = np.random.default_rng(0).integers(0, 255, (600, 1800), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "run" / "figures" / "fig9.png")
    run = open_run(tmp_path / "run")
    run.manifest["provenance"] |= {"git": "0123456789" * 4, "platform": "Linux-6.18.44-fc-v595-x86_64-with-glibc2.36"}
    return run


def test_a_report_has_no_faults_in_a_browser(run, tmp_path):
    assert faults(write_report(run, run.experiment).read_text(encoding="utf-8"), tmp_path) == []


def test_a_comparison_has_no_faults_in_a_browser(run, tmp_path):
    for name in ("a_run_with_a_long_name_of_its_own", "third"):
        shutil.copytree(run.folder, tmp_path / name)
    runs = [run, open_run(tmp_path / "a_run_with_a_long_name_of_its_own"), open_run(tmp_path / "third")]
    page = write_comparison(runs, tmp_path / "all.html")
    assert faults(page.read_text(encoding="utf-8"), tmp_path) == []


def test_faults_of_a_page_are_found(tmp_path):
    wrong = """<!DOCTYPE html><body style="margin: 0"><p style="width: 600px">wide</p>
        <p style="color: #aaa">pale</p><p style="color: #a00">red</p><p style="font-size: 8px">small</p>
        <img alt="gone" src="data:image/png;base64,AAAA"><script>console.error("a message")</script>"""
    found = faults(wrong, tmp_path)
    for part in (
        "390 px: the page is wider",
        "390 px: beyond the edge: p wide",
        "1280 px: too little contrast: p pale",
        "text in colour: p red",
        "text too small: p small",
        "the image is not shown: gone",
        "a message",
    ):
        assert any(part in fault for fault in found), (part, found)
    assert not any(fault.startswith("1280 px: the page is wider") for fault in found)
