import pytest

from pfc_metarl.data import memory
from pfc_metarl.data.memory import available_memory, require_memory
from pfc_metarl.settings import BadInput


def system(folder, available, limits):
    """Write what Linux tells: kilobytes available, and for each control group its limit, use and files in memory."""
    (folder / "meminfo").write_text(f"MemTotal: 9999999 kB\nMemAvailable:   {available} kB\n")
    (folder / "cgroup").write_text("1:cpu:/x\n0::/jobs/job_7\n")
    (folder / "groups" / "jobs" / "job_7").mkdir(parents=True)
    for place, (limit, used, files) in limits.items():
        (folder / "groups" / place / "memory.max").write_text(f"{limit}\n")
        (folder / "groups" / place / "memory.current").write_text(f"{used}\n")
        (folder / "groups" / place / "memory.stat").write_text(f"anon 5\ninactive_file {files}\n")
    return folder / "meminfo", folder / "cgroup", folder / "groups"


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({}, 1_024_000),
        ({"jobs/job_7": ("max", 10, 0)}, 1_024_000),
        ({"jobs/job_7": (500_000, 100_000, 20_000)}, 420_000),
        ({"jobs/job_7": (500_000, 100_000, 0), "jobs": (300_000, 200_000, 0)}, 100_000),
    ],
)
def test_what_is_available_is_that_of_the_system_or_less_by_a_limit_of_the_job(tmp_path, limits, expected):
    assert available_memory(*system(tmp_path, 1000, limits)) == expected


def test_where_the_system_does_not_tell_nothing_is_refused(tmp_path, monkeypatch):
    assert available_memory(tmp_path / "meminfo") is None
    monkeypatch.setattr(memory, "available_memory", lambda: None)
    monkeypatch.setattr(memory, "LEAST", 1)
    (tmp_path / "rats.csv").write_text("subject\n")
    require_memory(tmp_path / "rats.csv", 1e9, "read")


def test_a_file_that_does_not_fit_is_refused_before_it_is_read(tmp_path, monkeypatch):
    (tmp_path / "rats.csv").write_text("x" * 1000)
    monkeypatch.setattr(memory, "available_memory", lambda: 4400)
    require_memory(tmp_path / "rats.csv", 4.5, "read")  # too small to be looked at
    monkeypatch.setattr(memory, "LEAST", 1000)
    require_memory(tmp_path / "rats.csv", 4.4, "read")
    with pytest.raises(BadInput, match=r"1.0 kB takes about 4.5 kB of memory to be read, and 4.4 kB are available"):
        require_memory(tmp_path / "rats.csv", 4.5, "read")
