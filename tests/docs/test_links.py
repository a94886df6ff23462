"""The build of the documentation refuses links that lead nowhere."""

import importlib.util
from pathlib import Path

spec = importlib.util.spec_from_file_location("links", Path(__file__).parents[2] / "docs" / "links.py")
links = importlib.util.module_from_spec(spec)
spec.loader.exec_module(links)


def test_links_to_missing_files_and_anchors_are_found(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "_static").mkdir()
    (tmp_path / "a b.html").write_text('<p id="here"></p><a href="#here">yes</a><a href="#there">no</a>')
    (tmp_path / "_static" / "frame.html").write_text('<a href="nowhere.html">of a theme</a>')
    (tmp_path / "sub" / "page.html").write_text(
        '<a href="../a%20b.html#here">yes</a><a href="https://example.org/#x">elsewhere</a>'
        '<a href="../a%20b.html#gone">no</a><img src="none.png"><a href="">itself</a>'
    )
    assert links.dead_links(tmp_path) == [
        ("a b.html", "#there"),
        ("sub/page.html", "../a%20b.html#gone"),
        ("sub/page.html", "none.png"),
    ]
