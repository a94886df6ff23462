import numpy as np
import pandas as pd
import pytest

from pfc_metarl.data import memory
from pfc_metarl.data.codecs import read_trials
from pfc_metarl.data.memory import Purpose, available_memory, require_memory
from pfc_metarl.settings import BadInput

READING = Purpose("read", 4.5, 20.0)


def system(folder, available, own, limits):
    """Write what Linux tells: kilobytes available, and for each control group its limit, use and files in memory."""
    (folder / "meminfo").write_text(f"MemTotal: 9999999 kB\nMemAvailable:   {available} kB\n")
    (folder / "cgroup").write_text(own)
    for place, (limit, used, files) in limits.items():
        is_first = place.startswith("memory")
        names = ("limit_in_bytes", "usage_in_bytes", "total_") if is_first else ("max", "current", "")
        group = folder / "groups" / place
        group.mkdir(parents=True, exist_ok=True)
        (group / f"memory.{names[0]}").write_text(f"{limit}\n")
        (group / f"memory.{names[1]}").write_text(f"{used}\n")
        (group / "memory.stat").write_text(f"anon 5\n{names[2]}inactive_file {files}\n")
    return folder / "meminfo", folder / "cgroup", folder / "groups"


SECOND, FIRST = "0::/jobs/job_7\n", "9:cpu:/x\n4:memory:/jobs/job_7\n3:cpuset:/\n"
NONE = 9223372036854771712
"""What version 1 writes where there is no limit."""


@pytest.mark.parametrize(
    ("own", "limits", "expected"),
    [
        ("", {}, 1_024_000),
        (SECOND, {}, 1_024_000),
        (SECOND, {"jobs/job_7": ("max", 10, 0)}, 1_024_000),
        (SECOND, {"jobs/job_7": (500_000, 100_000, 20_000)}, 420_000),
        (SECOND, {"jobs/job_7": (500_000, 100_000, 0), "jobs": (300_000, 200_000, 0)}, 100_000),
        (FIRST, {"memory/jobs/job_7": (NONE, 10, 0)}, 1_024_000),
        (FIRST, {"memory/jobs/job_7": (500_000, 100_000, 20_000)}, 420_000),
        (FIRST, {"memory/jobs/job_7": (500_000, 100_000, 0), "memory/jobs": (300_000, 200_000, 0)}, 100_000),
        (FIRST, {"memory": (400_000, 100_000, 0)}, 300_000),  # in a container, which does not see its own path
        (FIRST + "0::/\n", {"memory/jobs/job_7": (500_000, 100_000, 20_000)}, 420_000),
    ],
)
def test_what_is_available_is_that_of_the_system_or_less_by_a_limit_of_the_job(tmp_path, own, limits, expected):
    assert available_memory(*system(tmp_path, 1000, own, limits)) == expected


def test_where_the_system_does_not_tell_nothing_is_refused(tmp_path, monkeypatch):
    assert available_memory(tmp_path / "meminfo") is None
    monkeypatch.setattr(memory, "available_memory", lambda: None)
    monkeypatch.setattr(memory, "LEAST", 1)
    (tmp_path / "rats.csv").write_text("subject\n")
    require_memory(tmp_path / "rats.csv", READING._replace(of_byte=1e9))


def test_a_file_that_does_not_fit_is_refused_before_it_is_read(tmp_path, monkeypatch):
    (tmp_path / "rats.csv").write_text("x" * 1000)
    monkeypatch.setattr(memory, "available_memory", lambda: 4400)
    require_memory(tmp_path / "rats.csv", READING)  # too small to be looked at
    monkeypatch.setattr(memory, "LEAST", 1000)
    require_memory(tmp_path / "rats.csv", READING._replace(of_byte=4.4))
    with pytest.raises(BadInput, match=r"1.0 kB takes about 4.5 kB of memory to be read, and 4.4 kB are available"):
        require_memory(tmp_path / "rats.csv", READING)


def test_a_parquet_file_counts_by_its_rows_and_columns_not_by_its_compressed_bytes(tmp_path, monkeypatch):
    pytest.importorskip("pyarrow")
    columns = {"subject": 0, "trial": np.arange(10_000), "choice1": 1, "reward": 0}
    pd.DataFrame(columns).to_parquet(tmp_path / "rats.parquet", index=False)
    monkeypatch.setattr(memory, "LEAST", 1000)
    monkeypatch.setattr(memory, "available_memory", lambda: 4 * 10_000 * memory.READING.of_value)
    assert len(read_trials(tmp_path / "rats.parquet")) == 10_000
    monkeypatch.setattr(memory, "available_memory", lambda: 4 * 10_000 * memory.READING.of_value - 1)
    with pytest.raises(BadInput, match=r"rats.parquet: a file of .* takes about 1.4 MB of memory to be read, and 1.4"):
        read_trials(tmp_path / "rats.parquet")


def test_a_file_that_is_no_parquet_is_not_called_too_large(tmp_path, monkeypatch):
    (tmp_path / "rats.parquet").write_text("x" * 1000)
    monkeypatch.setattr(memory, "LEAST", 0)
    monkeypatch.setattr(memory, "available_memory", lambda: 0)
    with pytest.raises(BadInput, match="cannot be read as Parquet"):
        read_trials(tmp_path / "rats.parquet")
