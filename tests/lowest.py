"""The lowest versions that pyproject.toml allows, as constraints for pip: ``python -m tests.lowest``."""

import tomllib
from pathlib import Path


def lowest() -> list[str]:
    """Return a constraint for each dependency of the package, and of the extras that change what it can do."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    needed = [*project["dependencies"], *extras["cluster"], *extras["public"], *extras["nuts"]]
    return [each.replace(">=", "==") for each in needed]


if __name__ == "__main__":
    print("\n".join(lowest()))
