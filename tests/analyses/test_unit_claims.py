import numpy as np
import pytest
import xarray as xr

from analyses.unit_claims import encoding_claims

STRENGTH = {"trained": 0.5, "shuffled": 0.1, "untrained": 0.2}


def tables():
    values = np.zeros((3, 2, 2, 4))
    for number, level in enumerate(STRENGTH.values()):
        values[number, 1, 0] = level
    dims = ("who", "regressor", "phase", "subject")
    coords = {"who": list(STRENGTH), "regressor": ["other", "value"], "phase": ["choice", "reward"]}
    return {"encoding": xr.Dataset({"partial_correlation": (dims, values)}, coords)}


def test_trained_networks_are_compared_with_other_episodes_and_with_untrained_ones():
    claims = encoding_claims("Units encode value.", ["value"], "encoding", "choice")
    assert [claim.text for claim in claims] == ["Units encode value.", "Training adds them."]
    found = [claim.effect(tables()) for claim in claims]
    assert found[0].values == pytest.approx([0.4] * 4)
    assert found[1].values == pytest.approx([0.3] * 4)


def test_each_signature_has_its_own_claim():
    claims = encoding_claims("Units encode both.", ["other", "value"], "encoding", "choice")
    assert [float(claim.effect(tables()).mean()) for claim in claims] == pytest.approx([0, 0.4, 0, 0.3])
