import pytest

from pfc_metarl.data.codecs import originals
from pfc_metarl.data.codecs.public_originals import ORIGINALS, original_named
from pfc_metarl.data.codecs.reading import FORMATS
from pfc_metarl.settings import BadInput


@pytest.mark.parametrize("name", ORIGINALS)
def test_every_original_has_two_checksums_a_known_format_a_licence_and_a_source(name):
    original = ORIGINALS[name]
    for checksum in (original.archive_sha256, original.sha256):
        assert len(checksum) == 64
        assert set(checksum) <= set("0123456789abcdef")
    assert original.format in FORMATS
    assert original.licence
    assert "doi:10." in original.source


def test_two_originals_are_different_files():
    assert len({original.sha256 for original in ORIGINALS.values()}) == len(ORIGINALS)
    assert len({original.member for original in ORIGINALS.values()}) == len(ORIGINALS)


def test_a_path_is_no_name_of_an_original(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert original_named("people.csv") is None
    assert original_named("C:/data/people.csv") is None
    (tmp_path / "hbayesdm:mine").touch()
    assert original_named("hbayesdm:mine") is None


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(BadInput, match="did you mean 'hbayesdm:two_step'"):
        original_named("hbayesdm:twostep")
    assert set(originals()) == set(ORIGINALS)
