"""Validity: which subjects of a result could be measured, and why others could not."""

import numpy as np

from pfc_metarl.settings import BadInput


def validity(reasons: list[str]) -> dict[str, tuple[str, np.ndarray]]:
    """Return the variables ``valid`` and ``reason`` of a result.

    Parameters
    ----------
    reasons : list of str
        Of each subject, why it could not be measured; nothing, if it could.

    Examples
    --------
    >>> {name: values.tolist() for name, (dim, values) in validity(["", "it never chose left"]).items()}
    {'valid': [True, False], 'reason': ['', 'it never chose left']}
    """
    return {
        "valid": ("subject", np.array([not reason for reason in reasons])),
        "reason": ("subject", np.array(reasons, dtype=str)),
    }


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
