import argparse
import os
import signal

import pytest

from analyses import drawing
from analyses.folders import TABLES
from pfc_metarl.settings import Failure

NAMES = ["fig6_harlow", "figS_geometry"]


def options(out):
    return argparse.Namespace(run=None, redraw=True, tables=TABLES, out=out, follow_links=False)


def test_processes_draw_the_same_files_in_the_order_of_the_names(tmp_path, monkeypatch):
    together = [paths[0].stem for paths in drawing.all_drawn(NAMES, options(tmp_path / "together"))]
    assert together == NAMES
    for name in NAMES:
        (png, pdf) = drawing.drawn(name, options(tmp_path / "alone"))
        for path in (png, pdf):
            assert path.read_bytes() == (tmp_path / "together" / path.name).read_bytes()


def dies(name, options):
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_process_is_a_failure_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(drawing, "drawn", dies)
    with pytest.raises(Failure, match="a process that draws figures was killed"):
        list(drawing.all_drawn(NAMES, options(tmp_path)))
