import pytest

from pfc_metarl.cli.connecting import client_of, n_at_a_time, n_workers
from pfc_metarl.cli.sweep_options import sweep_parser
from pfc_metarl.execution.cohort import n_cores
from pfc_metarl.settings import BadInput
from pfc_metarl.sweeps import cluster


def options(*words):
    return sweep_parser().parse_args(["two_step", *words])


def test_one_worker_needs_no_cluster():
    with client_of(options("--workers", "1")) as client:
        assert client is None
    with client_of(options(), serial=True) as client:
        assert client is None
    assert n_workers(options()) == n_cores()


def test_without_the_extra_cells_are_made_serially_and_this_is_said(monkeypatch, capsys):
    monkeypatch.setattr(cluster, "is_installed", lambda: False)
    with client_of(options("--workers", "3")) as client:
        assert client is None
        assert n_at_a_time(options("--workers", "3"), client) == 1
    assert "cells are made one after the other; for several workers: pip install" in capsys.readouterr().err


def test_a_dry_run_starts_nothing(capsys):
    with client_of(options("--workers", "3"), dry_run=True) as client:
        assert client is None
    assert capsys.readouterr().out == ""


def test_no_workers_are_refused():
    with pytest.raises(BadInput, match="workers = 0"), client_of(options("--workers", "0")):
        pass
