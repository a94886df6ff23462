import pytest

from analyses.__main__ import main
from tests.analyses.test_sweep_panels import dataset


def test_a_measure_of_a_sweep_is_drawn_into_its_folder(tmp_path, capsys):
    dataset(a=2, b=3).to_netcdf(tmp_path / "sweep.nc", engine="h5netcdf")
    assert main(["sweep", str(tmp_path), "--measure", "gain", "--at", "a=1"]) == 0
    made = tmp_path / "figures" / "gain_a=1.png"
    assert capsys.readouterr().out.splitlines() == [str(made), str(made.with_suffix(".pdf"))]
    assert made.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere", "--measure", "gain"], "there is no sweep.nc; pfc_metarl.sweep writes it"),
        (["here", "--measure", "gain", "--at", "a"], "--at a: expected NAME=VALUE"),
        (["here", "--measure", "gian"], "did you mean 'gain'"),
        (["here"], "--measure"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path, monkeypatch, words, said, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    dataset(a=2).to_netcdf(tmp_path / "here" / "sweep.nc", engine="h5netcdf")
    assert main(["sweep", *words]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
