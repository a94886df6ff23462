import json
import multiprocessing
import time

import pytest

from benchmarks import cores, encoding, end_to_end, fits, networks
from benchmarks.stopwatch import START, Stopwatch
from pfc_metarl.fitting import maximum_likelihood, named_models


def test_a_small_recording_is_encoded_as_numpy_would_and_decoded(capsys):
    encoding.main(["--networks", "2", "--episodes", "12", "--steps", "40", "--units", "4"])
    out = capsys.readouterr().out
    assert "unit_encoding" in out
    assert "population_decoding" in out
    encoding.main(["--networks", "1", "--episodes", "12", "--steps", "40", "--units", "4", "--no-decoding"])
    assert "population_decoding" not in capsys.readouterr().out


def test_networks_are_encoded_and_decoded_apart(tmp_path):
    encoding.write(tmp_path / "test.nc", {"network": 2, "episode": 12, "step": 40, "unit": 4})
    with encoding.open_recording(tmp_path / "test.nc") as recording:
        found = {name: measure(recording) for name, measure in networks.MEASURES.items()}
    assert {name: made.sizes["subject"] for name, made in found.items()} == {"encoding": 2, "decoding": 2}


def test_the_stopwatch_charges_the_innermost_step():
    watch = Stopwatch(time.time())
    inner = watch.timed("inner", time.sleep)
    watch.timed("outer", lambda: (time.sleep(0.01), inner(0.05)))()
    spent = watch.total()
    assert spent["inner"][0] >= 0.05
    assert 0.01 <= spent["outer"][0] < spent["inner"][0] + 0.01
    assert spent["inner"][1] < 0.05  # a sleep takes no processor time
    assert START in spent


def test_the_last_line_of_each_process_counts():
    lines = [
        {"who": "worker", "process": 1, "spent": {"training": [1.0, 0.5]}},
        {"who": "worker", "process": 1, "spent": {"training": [2.0, 1.5]}},
        {"who": "worker", "process": 2, "spent": {"training": [1.0, 1.0], "recording": [3.0, 3.0]}},
    ]
    found = end_to_end.read("\n".join(map(json.dumps, lines)))
    assert found == {"worker": {"training": [3.0, 2.5], "recording": [3.0, 3.0]}}


def test_the_plain_fit_has_the_likelihood_of_the_fast_one(capsys):
    table = fits.people(2, 60).query("subject == 0")
    model, free, _, bounds = named_models(["hybrid"], table)["hybrid"]
    found = maximum_likelihood(model, table, free, bounds, n_starts=2)
    trials = table[["choice1", "state2", "choice2", "reward"]].to_numpy()
    misfit = fits.plain_misfit(found["estimate"].to_numpy()[0], trials, table["common"].mean())
    assert misfit == pytest.approx(-found["log_likelihood"].item(), rel=1e-9)
    assert fits.main(["--people", "2", "--trials", "20", "--starts", "1"]) == 0
    assert "ratio of a person" in capsys.readouterr().out


def test_the_gain_of_a_second_core_is_the_seconds_of_one_process_over_those_of_the_slower_of_two(capsys):
    asked, answered = zip(*(multiprocessing.Pipe() for _ in range(2)), strict=True)
    for connection, answer in zip(answered, (cores.Seconds(2.0, 1.0), cores.Seconds(3.0, 0.5)), strict=True):
        connection.send(answer)
    slowest = cores.together(list(asked))
    assert slowest == (3.0, 1.0)
    assert [connection.recv() for connection in answered] == [True, True]
    assert cores.best([slowest, cores.Seconds(2.5, 1.2)]) == (2.5, 1.0)
    cores.show(cores.Seconds(5.0, 1.9), cores.best([slowest]), 20)
    assert capsys.readouterr().out.splitlines()[-2].split("│")[1:-1] == [
        " gain                          ",
        "    1.67 ",
        "        1.90 ",
    ]
