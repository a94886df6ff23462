"""The benchmark of what a cell costs on a cluster."""

import pytest

pytest.importorskip("distributed", reason="needs dask.distributed, of the extra 'cluster'")

from benchmarks import cluster


def test_a_tiny_cell_is_nothing_but_overhead(tmp_path):
    cluster.in_memory()
    assert cluster.cpu_seconds(cluster.in_memory) < 1
    made = cluster.tiny_sweep(50, tmp_path / "sweep")
    assert len({cell.name for cell in made.cells()}) == 50
    assert 100 < cluster.sent_bytes(made._replace(folder=tmp_path)) < 2000
