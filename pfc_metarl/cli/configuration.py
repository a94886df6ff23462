"""Settings as text: a TOML file, ``--config FILE``, and a single one, ``--set NAME=VALUE``."""

import contextlib
import re
import tomllib
from pathlib import Path
from typing import Any

from pfc_metarl.settings import BadInput, shortened

MAX_BYTES = 100_000
MAX_DEPTH = 20
"""Of tables within tables; the package's own settings have four levels."""

MAX_DOTS = 100


def read_configuration(path: Path) -> dict[str, Any]:
    """Read a TOML file with settings to change.

    Raises
    ------
    BadInput
        If it cannot be read, is larger than any file of settings, or is not valid TOML.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)  # a device such as /dev/zero has no end
    except (OSError, ValueError) as error:
        raise BadInput(f"--config {path}: {getattr(error, 'strerror', None) or error}.") from None
    if len(raw) > MAX_BYTES:
        raise BadInput(f"--config {path}: with more than {MAX_BYTES:,} bytes this is no file of settings.")
    if any(
        part.count(b".") > MAX_DOTS for part in re.split(rb"[=\[\]{},\n]", raw)
    ):  # tomllib takes minutes for such a name
        raise BadInput(f"--config {path}: a name has more than {MAX_DOTS} dots; no setting is so deep.")
    try:
        content = tomllib.loads(raw.decode("utf-8"))
        depth = _depth(content)
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0][:200]
        raise BadInput(f"--config {path}: this is not valid TOML ({reason}).") from None
    if depth > MAX_DEPTH:
        raise BadInput(f"--config {path}: tables are nested more than {MAX_DEPTH} times; no setting is so deep.")
    return content


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0)


def assignment(text: str) -> dict[str, Any]:
    """Read "task.p_common=0.75" into a nested mapping; the value is TOML, else plain text.

    Examples
    --------
    >>> assignment("task.p_common=0.75")
    {'task': {'p_common': 0.75}}
    >>> assignment("network.core=gru")
    {'network': {'core': 'gru'}}
    """
    name, equals, value = text.partition("=")
    parts = name.strip().split(".")
    if not equals or len(parts) > MAX_DEPTH or not all(part.isidentifier() for part in parts):
        raise BadInput(
            f"--set {shortened(text)}: expected NAME=VALUE with dots between names, as in --set task.p_common=0.75."
        )
    parsed = value_of(value)
    for part in reversed(parts):
        parsed = {part: parsed}
    return parsed


def value_of(text: str) -> Any:
    """Read TOML, in which .5 and 5. are numbers too; what is no TOML is text.

    Examples
    --------
    >>> value_of(".5"), value_of("[1., -.5]"), value_of("v.5")
    (0.5, [1.0, -0.5], 'v.5')
    """
    complete = re.sub(r"(?<![\w.])\.(?=\d)", "0.", re.sub(r"(?<![\w.])(\d+\.)(?![\d.])", r"\g<1>0", text))
    for toml in (text, complete):
        with contextlib.suppress(ValueError, RecursionError):
            return tomllib.loads(f"value = {toml}")["value"]
    return text.strip()
