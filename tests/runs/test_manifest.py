import json

import pytest

from pfc_metarl.runs import manifest
from pfc_metarl.runs.manifest import damage, entry, provenance, read_manifest, write_manifest
from pfc_metarl.settings import BadInput


def test_what_is_written_is_read(tmp_path):
    content = {"seed": 3, "settings": {"task": {"p_common": 0.8}}, "files": {}, "list": [1, "ä", None, True]}
    write_manifest(tmp_path, content)
    assert read_manifest(tmp_path) == {"format": 1, **content}


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


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_another_format_is_refused(tmp_path, version):
    (tmp_path / manifest.NAME).write_text(json.dumps({"format": version}))
    with pytest.raises(BadInput, match="this version reads 1"):
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
    assert known == {"sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "bytes": 3}
    assert damage(tmp_path, "file", known) is None
    path.write_bytes(b"abd")
    assert damage(tmp_path, "file", known) == "its contents were changed"
    path.write_bytes(b"ab")
    assert damage(tmp_path, "file", known) == "it has 2 bytes instead of 3"
    (tmp_path / "link").symlink_to(path)
    assert damage(tmp_path, "link", known) == "it is a link, not a file"
    assert damage(tmp_path, "nothing", known) == "it is missing"


@pytest.mark.parametrize("name", ["../file", "/etc/passwd", "a/b", "..", ".", ""])
def test_a_name_that_climbs_out_is_never_followed(tmp_path, name):
    assert damage(tmp_path, name, {"sha256": "", "bytes": 0}) == "its name leads out of the folder"


def test_provenance_is_plain_text():
    found = provenance()
    assert {"pfc_metarl", "python", "platform", "torch", "numpy", "git"} <= set(found)
    assert all(isinstance(value, str) and value for value in found.values())
