import json

import pytest

from analyses.sweep_folder import SweepFolder, is_sweep
from pfc_metarl.settings import BadInput
from tests.analyses.test_sweep_panels import dataset


def test_a_sweep_is_a_source_of_a_figure(tmp_path):
    assert not is_sweep(tmp_path)
    (tmp_path / "sweep.json").write_text(json.dumps({"axes": [{"dim": "a"}], "seed": 3, "id": "x"}))
    dataset(a=2).to_netcdf(tmp_path / "sweep.nc", engine="h5netcdf")
    assert is_sweep(tmp_path)
    found = SweepFolder(tmp_path)
    assert found.dataset["gain"].sizes == {"a": 2, "network": 3}
    assert found.origin() == {"axes": [{"dim": "a"}], "seed": 3}
    assert found.name == f"sweep {tmp_path.name}"


def test_a_damaged_design_is_refused(tmp_path):
    (tmp_path / "sweep.json").write_text("{")
    with pytest.raises(BadInput, match=r"sweep.json cannot be read"):
        SweepFolder(tmp_path)
