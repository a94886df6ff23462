"""What every worker of a sweep must have: the same version of the package, and the folder of the sweep."""

import functools
from pathlib import Path
from typing import NamedTuple

from pfc_metarl.data.files import replacing
from pfc_metarl.runs.manifest import provenance, versions
from pfc_metarl.settings import BadInput

TOKEN = ".sweep"
"""A file in the folder of a sweep by which workers recognise it."""


class Site(NamedTuple):
    """Versions, and a folder that is recognised by the text in a file."""

    versions: tuple[tuple[str, str], ...]
    folder: str
    token: str


@functools.cache
def present_versions() -> tuple[tuple[str, str], ...]:
    """Return the versions of Python, of libraries and of the package, and the hash of its code."""
    found = provenance()
    return (*versions(found).items(), ("code of pfc_metarl", found["code"]))


def site_of(folder: Path, token: str) -> Site:
    """Return what workers must have, as this process has it; the file by which the folder is recognised is written."""
    with replacing(folder / TOKEN) as temporary:
        temporary.write_text(token, encoding="utf-8")
    return Site(present_versions(), str(folder.absolute()), token)


def require_site(site: Site) -> None:
    """Check that this process has what a sweep needs.

    Raises
    ------
    BadInput
        If a version differs, or the folder is not there.
    """
    for (name, wanted), (_, here) in zip(site.versions, present_versions(), strict=True):
        if wanted != here:
            raise BadInput(
                f"a worker has {name} {here}, the sweep needs {wanted}; "
                "start the workers in the same environment as the command."
            )
    try:
        there = (Path(site.folder) / TOKEN).read_text(encoding="utf-8")
    except OSError:
        there = ""
    if there != site.token:
        raise BadInput(
            f"a worker cannot see the folder {site.folder}; choose a folder on a file system that all machines share."
        )
