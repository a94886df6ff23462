import json
import os
import re
import shutil
import subprocess

import pytest

from pfc_metarl.runs import manifest
from pfc_metarl.runs.manifest import damage, entry, provenance, read_manifest, write_manifest
from pfc_metarl.settings import BadInput


def test_what_is_no_run_is_refused_with_the_runs_that_there_are(tmp_path):
    for name in ("feeder", "maze"):
        (tmp_path / name).mkdir()
        write_manifest(tmp_path / name, {})
    (tmp_path / "feeder" / "test.nc").touch()
    for folder, said in (
        (tmp_path / "feedr", r"there is no such folder; did you mean '.*/feeder'\?$"),
        (tmp_path / "zebra", r"there is no such folder\.$"),
        (tmp_path, r"it has no file run\.json; runs in it: feeder, maze\.$"),
        (tmp_path / "feeder" / "test.nc", r"but a file; give the folder of the run\.$"),
    ):
        with pytest.raises(BadInput, match=f"this is not a run directory, {said}"):
            read_manifest(folder)


def test_what_is_written_is_read(tmp_path):
    content = {"seed": 3, "settings": {"task": {"p_common": 0.8}}, "files": {}, "list": [1, "ä", None, True]}
    write_manifest(tmp_path, content)
    assert read_manifest(tmp_path) == {"format": 2, **content}


def test_any_changed_byte_is_noticed(tmp_path):
    write_manifest(tmp_path, {"seed": 3})
    path = tmp_path / manifest.NAME
    content = path.read_bytes()
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(BadInput, match=r"run\.json"):
            read_manifest(tmp_path)
    for changed in (content[:-1], content + b" ", content.replace(b"\n", b""), b"", b"[]", b"[" * 100_000):
        path.write_bytes(changed)
        with pytest.raises(BadInput, match="is damaged"):
            read_manifest(tmp_path)


@pytest.mark.parametrize("version", [0, 1, 3, "2", None])
def test_another_format_is_refused(tmp_path, version):
    (tmp_path / manifest.NAME).write_text(json.dumps({"format": version}))
    with pytest.raises(BadInput, match="this version reads 2"):
        read_manifest(tmp_path)


def test_a_huge_manifest_is_not_read(tmp_path):
    (tmp_path / manifest.NAME).write_bytes(b" " * (manifest.MAX_BYTES + 1))
    with pytest.raises(BadInput, match="no manifest"):
        read_manifest(tmp_path)


def test_damage_says_what_is_wrong(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    known = entry(path)
    # FIPS 180-2, appendix B.1
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert known == {"sha256": digest, "bytes": 3, "fingerprint": ""}
    assert damage(tmp_path, "file", known) is None
    path.write_bytes(b"abd")
    assert damage(tmp_path, "file", known) == "its contents were changed"
    path.write_bytes(b"ab")
    assert damage(tmp_path, "file", known) == "it has 2 bytes instead of 3"
    (tmp_path / "link").symlink_to(path)
    assert damage(tmp_path, "link", known) == "it is a link, not a file; follow_links=True reads it"
    assert damage(tmp_path, "nothing", known) == "it is missing"


@pytest.mark.parametrize(
    "name", ["../file", "/etc/passwd", "a/b", "..", ".", "", "source/../x", "source//x", "source/", "sourc/x"]
)
def test_a_name_outside_the_folder_is_refused(tmp_path, name):
    assert damage(tmp_path, name, {"sha256": "", "bytes": 0}) == "its name leads out of the folder"


def test_provenance_is_plain_text():
    found = provenance()
    assert {"pfc_metarl", "python", "platform", "processor", "torch", "numpy", "git"} <= set(found)
    assert found["processor"]
    assert all(isinstance(value, str) and value for value in found.values())


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """Return a git checkout with a package in it, which `provenance` takes for this one."""
    if not shutil.which("git"):
        pytest.skip("there is no git")
    package = tmp_path / "pfc_metarl"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.delenv("GIT_DIR", raising=False)
    who = ("-c", "user.name=x", "-c", "user.email=x")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-qm", "x")):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    monkeypatch.setattr(manifest.pfc_metarl, "__file__", str(package / "__init__.py"))
    return tmp_path


def test_a_checkout_that_belongs_to_someone_else_is_read_too(checkout, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    refused = subprocess.run(["git", "-C", str(checkout), "log"], capture_output=True, text=True, check=False)
    assert "dubious ownership" in refused.stderr
    assert re.fullmatch("[0-9a-f]{40}", provenance()["git"])
    (checkout / "pfc_metarl" / "__init__.py").write_text("x = 1")
    assert provenance()["git"].endswith("-dirty")


def test_a_failing_git_is_distinguished_from_no_checkout(checkout, monkeypatch, tmp_path):
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.write_text('#!/bin/sh\necho "fatal: detected dubious ownership in repository" >&2\nexit 128\n')
    git.chmod(0o755)
    monkeypatch.setenv("PATH", str(git.parent), prepend=os.pathsep)
    assert provenance()["git"] == "unknown: git refuses a checkout that belongs to someone else"


def test_a_folder_outside_of_git_is_no_checkout(checkout):
    shutil.rmtree(checkout / ".git")
    assert provenance()["git"] == "not a checkout"


def test_a_link_is_followed_only_if_asked_and_its_content_is_checked(tmp_path):
    run, store = tmp_path / "run", tmp_path / "store"
    run.mkdir()
    store.mkdir()
    (store / "object").write_bytes(b"abc")
    known = entry(store / "object")
    (run / "file").symlink_to(store / "object")
    assert damage(run, "file", known, follow_links=True) is None
    (store / "object").write_bytes(b"abd")
    assert damage(run, "file", known, follow_links=True) == "its contents were changed"
    (store / "object").unlink()
    assert damage(run, "file", known, follow_links=True) == "it is a link to a file that is not there"
    (store / "source").mkdir()
    (store / "source" / "task.py").write_bytes(b"abc")
    (run / "source").symlink_to(store / "source")  # what is written into a linked folder would change another one
    assert damage(run, "source/task.py", known, follow_links=True) == "its folder is a link"


def test_sizes_are_those_of_the_open_file(tmp_path, monkeypatch):
    """NFS may answer a stat of a closed file with its earlier size."""
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    known, now = entry(path), os.stat

    def earlier(*arguments, **options):
        found = now(*arguments, **options)
        return os.stat_result((*found[:6], 1, *found[7:]))

    monkeypatch.setattr(os, "stat", earlier)
    assert path.stat().st_size == 1
    assert entry(path) == known
    assert damage(tmp_path, "file", known) is None
