"""The public names of the package, as the reference lists them."""

import importlib
import importlib.util
import pkgutil
from pathlib import Path

import pfc_metarl

spec = importlib.util.spec_from_file_location("written", Path(__file__).parents[2] / "docs" / "written.py")
written = importlib.util.module_from_spec(spec)
spec.loader.exec_module(written)

PACKAGES = ["pfc_metarl", *(m.name for m in pkgutil.walk_packages(pfc_metarl.__path__, "pfc_metarl.") if m.ispkg)]
HANDING_ON = [name for name in PACKAGES if Path(importlib.import_module(name).__file__).with_suffix(".pyi").exists()]
"""Packages whose names are public."""
BY_MODULE = [f"pfc_metarl.{wing}.{name}" for wing, names in written.MODULES.items() for name in names]
PUBLIC = sorted(
    {
        f"{package}.{name}": value
        for package in {*HANDING_ON, *BY_MODULE, "pfc_metarl.dopamine"}
        for name, value in written.public(importlib.import_module(package))
    }.items()
)
FURTHER = [f"pfc_metarl.{name}" for names in written.FURTHER.values() for name in names]
"""Names that stand in the reference because public ones take, return or raise them."""


def named(dotted):
    """Return what a dotted name stands for."""
    module, _, name = dotted.rpartition(".")
    return getattr(importlib.import_module(module), name)
