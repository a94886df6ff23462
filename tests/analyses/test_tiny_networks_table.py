import numpy as np
import xarray as xr

from analyses import derived, folders, tiny_networks_table
from analyses.species_table import SETS

SIZES = {"rats": 6, "carpet": 24, "mice": 6, "people": 406}


def test_the_committed_table_holds_every_group_and_its_source():
    tables, origin = derived.load(folders.TINY_NETWORKS)
    assert {group: tables[group].sizes["subject"] for group in SIZES} == SIZES
    assert set(origin) == set(tables) == {group for _, group in tiny_networks_table.GROUPS}
    for table in tables.values():
        per_trial = table["per_trial"].values
        assert ((per_trial > 0) & (per_trial < 1))[np.isfinite(per_trial)].all()


def test_groups_are_those_of_the_public_sets():
    assert all(group in SETS[task] for task, group in tiny_networks_table.GROUPS)


def test_a_folder_without_the_sets_is_refused(tmp_path, capsys):
    assert tiny_networks_table.main(["--data", str(tmp_path)]) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_groups_that_are_not_named_stay_and_each_is_written_when_it_is_made(tmp_path, monkeypatch):
    tables, origin = derived.load(folders.TINY_NETWORKS)
    path = derived.save({"mice": tables["mice"], "rats": tables["rats"]}, origin, tmp_path / folders.TINY_NETWORKS.name)
    monkeypatch.setattr(folders, "MEASURED", tmp_path)
    monkeypatch.setattr(tiny_networks_table, "trials_of", lambda group, task, folder: group)
    written = []

    def measured(group, task, pooled):
        written.append(sorted(derived.load(path)[0]))
        return xr.Dataset({"n_trials": ("subject", [len(group)])})

    monkeypatch.setattr(tiny_networks_table.tiny_networks, "measured", measured)
    assert tiny_networks_table.main(["carpet", "mice", "--data", str(tmp_path)]) == 0
    found, sources = derived.load(path)
    assert written == [["mice", "rats"], ["carpet", "mice", "rats"]]
    assert list(sources) == ["rats", "carpet", "mice"]
    assert found["mice"]["n_trials"].values.tolist() == [4]
    xr.testing.assert_identical(found["rats"], tables["rats"])


def test_an_unknown_group_is_refused(tmp_path, capsys):
    assert tiny_networks_table.main(["monkeys", "--data", str(tmp_path)]) == 2
    assert "group = 'monkeys': must be one of rats, carpet, mice, people" in capsys.readouterr().err
