import numpy as np
import pytest
import xarray as xr
from statsmodels.stats.multitest import multipletests

from analyses.claim import Claim, corrected, row, with_tests

RNG = np.random.default_rng(0)


def claim(name, bounds=(0.0, None)):
    return Claim(f"{name}.", name, lambda tables: tables["values"][name], "0", bounds)


def tables(**values):
    return {"values": xr.Dataset({name: ("subject", each) for name, each in values.items()})}


def test_claims_of_a_figure_are_corrected_for_their_number():
    made = tables(gain=RNG.normal(0.3, 0.3, 8), loss=RNG.normal(0.2, 0.3, 8), nothing=RNG.normal(0, 0.3, 8))
    rows = with_tests("figure", [claim(name) for name in made["values"]], made)
    alone = [row("figure", "", "", "", made["values"][name].values, (0.0, None)).p for name in made["values"]]
    assert [each.p for each in rows] == pytest.approx(multipletests(alone, method="holm")[1].tolist())
    assert all(corrected_p >= p for corrected_p, p in zip([each.p for each in rows], alone, strict=True))


def test_an_effect_of_the_wrong_sign_does_not_hold():
    made = tables(gain=-RNG.normal(1, 0.1, 8))
    (found,) = with_tests("figure", [claim("gain")], made)
    assert not found.holds
    assert found.p > 0.99


def test_networks_without_a_value_are_left_out():
    found = row("figure", "", "", "", [1.0, np.nan, 2.0, 3.0], (0.0, None))
    assert (found.n, found.mean) == (3, 2.0)


def test_a_claim_of_a_single_network_does_not_hold():
    (found,) = corrected([row("figure", "", "", "", [1.0], (0.0, None))])
    assert not found.holds
