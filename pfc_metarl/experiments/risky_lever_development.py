"""Development of Simulation 6 of Wang et al. 2018: risky choices, dopamine and activity during training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pfc_metarl import measures
from pfc_metarl.experiments import risky_lever
from pfc_metarl.experiments.base import Headline, Probe
from pfc_metarl.experiments.development import development

if TYPE_CHECKING:
    import xarray as xr


def probe_name(odds: str) -> str:
    """Return the name of the probe with one of `pfc_metarl.experiments.risky_lever.P_WIN`."""
    return f"development_{odds}"


def results(recordings: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Measure risky choices at the end of the training."""
    half, eighth = (measures.risky_choice(recordings[probe_name(odds)]) for odds in ("half", "eighth"))
    return {"odds": measures.risk_shift(half, eighth)}


EXPERIMENT = development(
    risky_lever.EXPERIMENT,
    "risky choices, dopamine at the outcome and the code of the odds",
    {
        probe_name(odds): Probe(
            episodes=100,  # ours
            changes={"p_risky": (p_win,), "safe_reward": (risky_lever.SAFE_REWARD,)},
            only=("policy", "rpe", "hidden"),
        )
        for odds, p_win in risky_lever.P_WIN.items()
    },
    results,
    headlines=(
        Headline(label="more risky choices at p = 0.5", measure="odds", variable="shift", expected="paper: about 0.45"),
    ),
)
