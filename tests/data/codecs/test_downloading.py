"""Nothing is downloaded here: pip finds packages in a folder only."""

import hashlib
import importlib.util
import sys
import zipfile

import pytest

from pfc_metarl import measure
from pfc_metarl.data import read_trials
from pfc_metarl.data.codecs.downloading import downloaded
from pfc_metarl.data.codecs.public_originals import ORIGINALS, Original
from pfc_metarl.settings import BadInput

MEMBER = "twoarms/extdata/arms.txt"
CONTENT = "subjID\ttrial\tchoice\toutcome\n1\t1\t2\t50\n1\t2\t1\t0\n1\t4\t2\t100\n"

pytest.importorskip("pooch")


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def original(tmp_path, monkeypatch):
    """Return an original in a package that lies in a folder, the only place where pip looks."""
    packages = tmp_path / "packages"
    packages.mkdir()
    wheel = packages / "twoarms-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(MEMBER, CONTENT)
        archive.writestr("twoarms/extdata/other.txt", "x\n")
        archive.writestr("twoarms-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: twoarms\nVersion: 1.0\n")
        archive.writestr(
            "twoarms-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("twoarms-1.0.dist-info/RECORD", "")
    for name, value in (("NO_INDEX", "1"), ("FIND_LINKS", str(packages)), ("CONFIG_FILE", "/dev/null")):
        monkeypatch.setenv(f"PIP_{name}", value)
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    monkeypatch.setenv("PFC_METARL_DATA", str(tmp_path / "cache"))
    found = Original(
        about="one subject, two arms",
        archive="pkg:pypi/twoarms@1.0",
        archive_sha256=sha256(wheel.read_bytes()),
        member=MEMBER,
        sha256=sha256(CONTENT.encode()),
        format="hbayesdm",
        licence="CC0",
        source="nobody",
        rewards=None,
        reward_unit=100.0,
    )
    monkeypatch.setitem(ORIGINALS, "hbayesdm:arms", found)
    return found


def test_an_original_is_read_by_name_in_its_own_units(original):
    table = read_trials("hbayesdm:arms")
    assert table[["trial", "choice1", "reward"]].values.tolist() == [[1, 1, 0.5], [2, 0, 0.0], [4, 1, 1.0]]


def test_a_file_that_is_there_is_not_downloaded_again(original, monkeypatch):
    first = downloaded(original)
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    assert downloaded(original) == first
    assert [path.name for path in first.parent.iterdir()] == ["arms.txt"]


def test_without_a_network_one_sentence_says_so(original, monkeypatch, tmp_path, capsys):
    (tmp_path / "packages" / "twoarms-1.0-py3-none-any.whl").unlink()
    assert measure.main(["hbayesdm:arms", "--task", "bandit"]) == 2
    error = capsys.readouterr().err
    assert "pkg:pypi/twoarms@1.0 cannot be downloaded (" in error
    assert "it needs a network, or PFC_METARL_DATA = a folder" in error
    assert error.count("\n") == 1
    assert not list((tmp_path / "cache").glob("*"))


def test_an_archive_with_another_checksum_is_refused_and_not_kept(original, tmp_path):
    with pytest.raises(BadInput, match="does not match the known hash"):
        downloaded(original._replace(archive_sha256=64 * "0"))
    assert not list((tmp_path / "cache").glob("*"))


def test_a_file_that_was_changed_afterwards_is_refused(original):
    downloaded(original).write_text(CONTENT.replace("50", "60"))
    with pytest.raises(BadInput, match="was changed since it was downloaded"):
        downloaded(original)


def test_without_pooch_one_sentence_says_how_to_install_it(original, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BadInput, match=r"pooch, which is not installed; pip install \"pfc_metarl\[public\]\""):
        downloaded(original)
