"""Signatures of planning and of habit in the units of a network, in the two-step task."""

import xarray as xr

from pfc_metarl.measures.units.encoding import Clusters, unit_encoding
from pfc_metarl.measures.units.regressors import LEARNERS, MOMENTS, SIGNATURES, of_other_episodes, two_step_signatures


def signature_encoding(
    recording: xr.Dataset,
    variable: str = "hidden",
    learners: tuple[str, str] = LEARNERS,
    clusters: Clusters = "episode",
    level: float = 0.05,
    shuffle: int | None = None,
) -> xr.Dataset:
    """Regress the activity of each unit on the signatures of planning and of habit, before and after the outcome.

    Parameters
    ----------
    recording : Dataset
        Of the two-step task, see `two_step_signatures`.
    variable : str
        What to explain: "hidden", "cell", or the values of an animal in place of units: "action_value_model_free".
    learners : pair of str
    clusters, level
        See `unit_encoding`.
    shuffle : int, optional
        Seed with which each episode is given the signatures of another one, as a control.

    Returns
    -------
    Dataset, dims (subject, unit, phase, regressor)
        What `unit_encoding` finds, at the phases "before outcome" and "after outcome", of the regressors `SIGNATURES`;
        NaN for the next choice before the outcome.

    Examples
    --------
    The values of a model-free learner, in place of units, carry the model-free value and not the model-based one.

    >>> from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_TWO_STEP as agents
    >>> from pfc_metarl.simulation.recording import record
    >>> from pfc_metarl.tasks import TwoStep
    >>> yoked = {name: agents[name] for name in ("model_based", "model_free")}
    >>> recording = record(TwoStep(n_trials=30), agents["random"], n_episodes=30, seed=0, yoked=yoked)
    >>> found = signature_encoding(recording, "action_value_model_free")["unique_r_squared"].sel(phase="after outcome")
    >>> bool((found.sel(regressor="model-free value") > 10 * found.sel(regressor="model-based value")).all())
    True
    """
    found = {}
    for moment, phase in MOMENTS.items():
        signatures = two_step_signatures(recording, moment, learners)
        if shuffle is not None:
            signatures = of_other_episodes(signatures, shuffle)
        of_moment = unit_encoding(recording, signatures, phase, variable, clusters, level)
        found[moment] = of_moment.reindex(regressor=list(SIGNATURES), fill_value={"significant": False})
    joined = xr.concat(found.values(), xr.IndexVariable("phase", list(found)), combine_attrs="drop", join="exact")
    dims = ("subject", "unit", "phase", "regressor")
    return joined.transpose(*dims, missing_dims="ignore").assign_attrs(variable=variable)
