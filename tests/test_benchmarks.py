from benchmarks import encoding


def test_a_small_recording_is_encoded_as_numpy_would_and_decoded(capsys):
    encoding.main(["--networks", "2", "--episodes", "12", "--steps", "40", "--units", "4"])
    out = capsys.readouterr().out
    assert "unit_encoding" in out
    assert "population_decoding" in out
    encoding.main(["--networks", "1", "--episodes", "12", "--steps", "40", "--units", "4", "--no-decoding"])
    assert "population_decoding" not in capsys.readouterr().out
