"""Claims of figures about units: trained networks encode signatures more than chance level and than before training."""

from collections.abc import Mapping, Sequence

import xarray as xr

from analyses.claim import Claim


def encoding_claims(title: str, names: Sequence[str], table: str, phase: str) -> tuple[Claim, ...]:
    """Return the claims that signatures are encoded, and that training adds them.

    Parameters
    ----------
    title : str
        Sentence that says that they are encoded.
    names : sequence of str
        Signatures of the title: values of the dimension ``regressor``.
    table : str
        Name of the table with ``partial_correlation``; its dimension ``who`` has trained, shuffled and untrained.
    phase : str
        Phase of the trial.
    """

    def beyond(tables: Mapping[str, xr.Dataset], name: str, other: str) -> xr.DataArray:
        strength = tables[table]["partial_correlation"].sel(regressor=name, phase=phase)
        return strength.sel(who="trained") - strength.sel(who=other)

    kinds = (
        (title, "shuffled", "signatures of other episodes", "0: whole episodes exchanged"),
        ("Training adds them.", "untrained", "untrained", "0: as before training"),
    )
    return tuple(
        Claim(
            sentence,
            f"median |partial correlation| with {name}, trained − {shown}",
            lambda tables, name=name, other=other: beyond(tables, name, other),
            null,
        )
        for sentence, other, shown, null in kinds
        for name in names
    )
