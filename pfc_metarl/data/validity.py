"""Validity: which subjects of a result could be measured, and why others could not."""

from collections.abc import Sequence

import numpy as np

from pfc_metarl.settings import BadInput


def validity(
    reasons: Sequence[str] | np.ndarray, dims: tuple[str, ...] = ("subject",)
) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    """Return the variables ``valid`` and ``reason`` of a result.

    Parameters
    ----------
    reasons : array of str
        Of each subject, why it could not be measured; nothing, if it could.
    dims : tuple of str
        Dimensions of the array.

    Examples
    --------
    >>> {name: values.tolist() for name, (dims, values) in validity(["", "it never chose left"]).items()}
    {'valid': [True, False], 'reason': ['', 'it never chose left']}
    """
    reason = np.asarray(reasons, dtype=str)
    return {"valid": (dims, reason == ""), "reason": (dims, reason)}


def refuse_all(reasons: list[str]) -> None:
    """Raise BadInput, with the first reason, if there is one against every subject.

    Examples
    --------
    >>> refuse_all(["", "it never chose left"])
    >>> refuse_all(["it never chose left"])
    Traceback (most recent call last):
    pfc_metarl.settings.BadInput: it never chose left.
    """
    if all(reasons):
        raise BadInput(f"{reasons[0]}.")
