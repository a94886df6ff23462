import pytest

from pfc_metarl.settings import BadInput
from pfc_metarl.sweeps.sites import present_versions, require_site, site_of


def test_the_same_machine_has_what_is_needed(tmp_path):
    require_site(site_of(tmp_path, "token"))
    assert dict(present_versions())["pfc_metarl"]


def test_another_version_is_named(tmp_path):
    site = site_of(tmp_path, "token")
    other = tuple((name, "0.0.1" if name == "torch" else value) for name, value in site.versions)
    with pytest.raises(BadInput, match=r"a worker has torch \S+, the sweep needs 0.0.1"):
        require_site(site._replace(versions=other))


@pytest.mark.parametrize("text", [None, "another sweep"])
def test_a_folder_that_is_not_there_or_another_is_refused(tmp_path, text):
    site = site_of(tmp_path / "here", "token")._replace(folder=str(tmp_path / "there"))
    if text is not None:
        site_of(tmp_path / "there", text)
    with pytest.raises(BadInput, match="cannot see the folder"):
        require_site(site)
