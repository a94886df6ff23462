import numpy as np

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
