"""Text on terminals that cannot show every character: missing characters are replaced."""

import codecs
import contextlib
import sys
from collections.abc import Iterator

SUBSTITUTES = {
    "±": "+-",
    "≥": ">=",
    "≤": "<=",
    "≈": "~",
    "×": "x",
    "·": "*",
    "−": "-",
    "–": "-",
    "—": "-",
    "²": "^2",
    "…": "...",
    "’": "'",
    "→": "->",
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "λ": "lambda",
    "σ": "sigma",
}
SUBSTITUTE = "pfc_metarl.substitute"
"""Name of the error handler, for `str.encode` and text streams."""


def encodable(text: str, encoding: str | None) -> str:
    """Return a text with substitutes for the characters that an encoding lacks.

    Examples
    --------
    >>> encodable("0.70 ± 0.01 ≥ 0.68, r²", "ascii")
    '0.70 +- 0.01 >= 0.68, r^2'
    >>> encodable("0.70 ± 0.01 ≥ 0.68, r²", "latin-1")
    '0.70 ± 0.01 >= 0.68, r²'
    """
    return text if encoding is None else text.encode(encoding, SUBSTITUTE).decode(encoding)


@contextlib.contextmanager
def substituting() -> Iterator[None]:
    """Let stdout and stderr replace the characters that they lack, instead of failing."""
    streams = [stream for stream in (sys.stdout, sys.stderr) if hasattr(stream, "reconfigure")]
    before = [stream.errors for stream in streams]
    for stream in streams:
        stream.reconfigure(errors=SUBSTITUTE)
    try:
        yield
    finally:
        for stream, errors in zip(streams, before, strict=True):
            stream.reconfigure(errors=errors)


def _substitute(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(SUBSTITUTES.get(character) or _escaped(character) for character in missing), error.end


def _escaped(character: str) -> str:
    """Return a character as Python and TOML write it in ASCII."""
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


codecs.register_error(SUBSTITUTE, _substitute)
