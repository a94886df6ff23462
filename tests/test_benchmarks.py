import json
import time

from benchmarks import encoding, end_to_end
from benchmarks.stopwatch import START, Stopwatch


def test_a_small_recording_is_encoded_as_numpy_would_and_decoded(capsys):
    encoding.main(["--networks", "2", "--episodes", "12", "--steps", "40", "--units", "4"])
    out = capsys.readouterr().out
    assert "unit_encoding" in out
    assert "population_decoding" in out
    encoding.main(["--networks", "1", "--episodes", "12", "--steps", "40", "--units", "4", "--no-decoding"])
    assert "population_decoding" not in capsys.readouterr().out


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
