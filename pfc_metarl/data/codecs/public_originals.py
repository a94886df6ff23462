"""Originals of public sets that can be downloaded: where each is, its checksum, its format and its source.

An entry stands here only if its bytes were downloaded once and its checksum was computed from them. A file is
downloaded when it is first read, by `pfc_metarl.data.codecs.downloading`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pfc_metarl.settings import BadInput, choice_of


class Original(NamedTuple):
    """A file in an archive.

    Parameters
    ----------
    about : str
        What it is, in one line.
    archive : str
        Address of the archive: a package URL, such as pkg:pypi/hbayesdm@1.0.1, or an address that pooch downloads.
    archive_sha256 : str
    member : str
        Path of the file in the archive.
    sha256 : str
        Of the file.
    format : str
        Name of its format, see `pfc_metarl.data.read_trials`.
    licence, source : str
        Of the data; the source with its DOI.
    rewards : sequence of float or None
        Possible rewards, in the units of the file; None allows any number.
    reward_unit : float
        What counts as one reward in the file.
    """

    about: str
    archive: str
    archive_sha256: str
    member: str
    sha256: str
    format: str
    licence: str
    source: str
    rewards: Sequence[float] | None = (0.0, 1.0)
    reward_unit: float = 1.0


def _of_hbayesdm(
    about: str, name: str, sha256: str, rewards: Sequence[float] | None = (0.0, 1.0), reward_unit: float = 1.0
) -> Original:
    return Original(
        about=f"example data of hBayesDM: {about}",
        archive="pkg:pypi/hbayesdm@1.0.1",
        archive_sha256="4b6420ae48837658520601e1e467e6397c548bba5a67419a06d3c3c0eabce049",
        member=f"hbayesdm/common/extdata/{name}_exampleData.txt",
        sha256=sha256,
        format="hbayesdm",
        licence="GPL-3.0",
        source="Ahn, Haines & Zhang 2017, doi:10.1162/CPSY_a_00002",
        rewards=rewards,
        reward_unit=reward_unit,
    )


ORIGINALS: dict[str, Original] = {
    "hbayesdm:two_step": _of_hbayesdm(
        "11 subjects, two-step task", "ts", "d138b5e9546a396d5078f347c827014a30a855c276c8de167eeddf7a586d2c2c"
    ),
    "hbayesdm:two_options": _of_hbayesdm(
        "20 subjects, two options", "bandit2arm", "235fc021bb7e51e2ef9b1fda5b38de5dd922739459d899c31268d0c3f26b4b5a"
    ),
    "hbayesdm:four_options": _of_hbayesdm(
        "10 subjects, four options, gains and losses",
        "bandit4arm",
        "eddd323b9135ccbf9183b76851bef56a26fc42440f3549fb9fb9638b5d16308b",
        rewards=None,
    ),
    "hbayesdm:four_options_points": _of_hbayesdm(
        "10 subjects, four options, up to 100 points",
        "bandit4arm2",
        "e0b302554e91665bd2da3c3bdee2c12001cf27d2725b3902c76312dbbc38bb5b",
        rewards=None,
        reward_unit=100.0,
    ),
    "hbayesdm:reversal": _of_hbayesdm(
        "20 subjects, reversals of two options",
        "prl",
        "97233550eb1276890b600b02c29d3720bdbe50bf25d224f339172db03d259dbb",
    ),
    "hbayesdm:reversal_blocks": _of_hbayesdm(
        "3 subjects, reversals of two options, three blocks each",
        "prl_multipleB",
        "57fbed0c8bdad940111829ea43e968f26df7253795a954af77c59f44217f70b5",
    ),
}
"""Name -> original. The packages do not say which of the example data are people's and which are simulated."""

COLLECTIONS = tuple(sorted({name.partition(":")[0] for name in ORIGINALS}))


def original_named(name: str | Path) -> Original | None:
    """Return the original of a name such as "hbayesdm:two_step", or None if this is the path of a file.

    Raises
    ------
    BadInput
        If it begins with the name of a collection and there is no such original.

    Examples
    --------
    >>> original_named("hbayesdm:reversal").about
    'example data of hBayesDM: 20 subjects, reversals of two options'
    >>> original_named("people.csv") is None
    True
    """
    text = str(name)
    collection, colon, _ = text.partition(":")
    if not colon or collection not in COLLECTIONS or Path(text).exists():
        return None
    if text not in ORIGINALS:
        raise BadInput(f"{text}: there is no such original; there are {choice_of(ORIGINALS, text)}")
    return ORIGINALS[text]
