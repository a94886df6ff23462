"""Sentences on results, as the terminal and the report print them."""

from collections.abc import Mapping
from typing import Any

from pfc_metarl.settings import counted

WHY_STOPPED = (
    "its gradient or its new weights were not finite, or its gradient stayed zero; it keeps its last "
    "finite weights; check the loss, or choose a lower learning rate"
)


def claim_met(claim: Mapping[str, Any]) -> str:
    """Return the claim and the number of networks that reached it.

    Examples
    --------
    >>> claim_met({"text": "It plans.", "networks": 8, "reached": 7, "changed": []})
    'Claim: It plans. Reached by 7 of 8 networks.'
    >>> claim_met({"text": "It plans.", "networks": 2, "reached": None, "changed": ["task.p_common"]})
    'Claim: It plans. Not judged: the criteria hold for another task.p_common.'
    """
    return f"Claim: {claim['text']} {judged(claim)}".rstrip()


def judged(claim: Mapping[str, Any]) -> str:
    """Return how many networks reached all criteria of a claim, or why it is not judged; empty without criteria.

    Examples
    --------
    >>> judged({"text": "It plans.", "networks": 8, "reached": 7, "changed": []})
    'Reached by 7 of 8 networks.'
    """
    reached, n, changed = claim["reached"], claim["networks"], claim["changed"]
    if reached is None:
        return f"Not judged: the criteria hold for another {', '.join(changed)}." if changed else ""
    return f"Reached by {reached} of {counted(n, 'network')}."


def criterion_met(row: Mapping[str, Any]) -> str:
    """Return how many subjects reached the criterion of a headline measure, and the criterion.

    Examples
    --------
    >>> criterion_met({"criterion": [0.69, None], "reached": 7, "subjects": [0.7] * 8})
    '7 of 8 ≥ 0.69'
    """
    if "criterion" not in row:
        return ""
    return f"{row['reached']} of {len(row['subjects'])} {bounds(row['criterion'])}"


def bounds(criterion: Any) -> str:
    """Return the bounds of a criterion.

    Examples
    --------
    >>> bounds([0.69, None]), bounds([0.49, 0.51])
    ('≥ 0.69', 'in 0.49 to 0.51')
    """
    low, high = criterion
    return f"≥ {low:.4g}" if high is None else f"≤ {high:.4g}" if low is None else f"in {low:.4g} to {high:.4g}"
