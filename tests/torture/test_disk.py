"""The disk is full or cannot be written at some step of a run: one sentence, nothing lost, the run can continue.

Needs the right to mount a small file system in memory; skipped where there is none.
"""

import contextlib
import subprocess

import pytest

from tests.torture.harness import (
    Count,
    command,
    finish,
    hashes,
    named_and_broken,
    one_sentence,
    reference,
    rng,
)

ROOM = 4 * 1024


def attack(sizes, seed, folder, inside=False):
    count, generator = Count("a disk that is full or cannot be written"), rng(seed, "disk")
    (folder / "here").mkdir()
    if not _mounted(folder / "here", 64):
        return count.tally("skipped: no right to mount here")
    _unmounted(folder / "here")
    expected, _ = reference(folder / "reference", inside=inside)
    needed = sum(path.stat().st_size for path in (folder / "reference").iterdir()) // 1024
    for number in range(sizes):
        size = 4 * max(1, int(generator.uniform(number, number + 1) * needed / sizes / 4))
        _full(folder / f"full_{number}", size, 1 if inside else 1 + number % 2, expected, count, inside)
    for state in ("empty", "begun"):
        _read_only(folder / f"read_only_{state}", state, expected, count, inside)
    return count.tally(f"from 4 KiB up to the {needed} KiB that a run needs")


def _full(place, size, workers, expected, count, inside):
    place.mkdir()
    count.require(_mounted(place, size), "cannot mount")
    try:
        words = command(place / "run", workers=workers)
        code, err = finish(words, inside)
        count.cases += 1
        what = f"{size} KiB, {workers} workers"
        full = code in (1, 2) and one_sentence(err) and "space" in err
        count.require(full or (code == 0 and not err), f"{what}: {code} {err[-600:]}")
        count.require(not (broken := named_and_broken(place / "run")), f"{what}: run.json names {broken}")
        subprocess.run(["mount", "-o", f"remount,size={ROOM}k", str(place)], check=True)
        again = finish(words, inside)
        count.require(again == (0, ""), f"{what}: with more room {again}")
        if workers == 1:
            count.require(hashes(place / "run") == expected, f"{what}: with more room other bytes")
    finally:
        _unmounted(place)


def _read_only(place, state, expected, count, inside):
    place.mkdir()
    count.require(_mounted(place, ROOM), "cannot mount")
    try:
        if state == "begun":
            code, err = finish(command(place / "run"), inside)
            count.require(code == 0, err)
            (place / "run" / "test.nc").unlink()
        before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        code, err = finish(command(place / "run"), inside)
        count.cases += 1
        count.require(code in (1, 2) and one_sentence(err), f"read-only, {state}: {code} {err[-600:]}")
        after = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
        count.require(before == after, f"read-only, {state}: something was changed")
        subprocess.run(["mount", "-o", "remount,rw", str(place)], check=True)
        code, err = finish(command(place / "run"), inside)
        count.require(code == 0 and hashes(place / "run") == expected, f"read-only, {state}: then {code} {err[-300:]}")
    finally:
        _unmounted(place)


def _mounted(place, kib):
    with contextlib.suppress(OSError):
        words = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "none", str(place)]
        return subprocess.run(words, capture_output=True, check=False).returncode == 0
    return False


def _unmounted(place):
    subprocess.run(["umount", str(place)], capture_output=True, check=False)


def test_a_full_disk_is_reported_and_with_more_room_the_bytes_are_the_same(tmp_path):
    tally = attack(2, 0, tmp_path, inside=True)
    assert not tally.lost
    if not tally.cases:
        pytest.skip(tally.note)
