import numpy as np
import pytest
import torch
from PIL import Image

from pfc_metarl.settings import BadInput
from pfc_metarl.tasks.pictures import pictures

CPU = torch.device("cpu")


def test_pictures_differ_and_are_the_same_every_time():
    made = pictures("", 30, 8, CPU)
    assert made.shape == (30, 3, 8, 8)
    assert 0 <= float(made.min()) < 0.1 < 0.9 < float(made.max()) <= 1
    assert float(made.mean()) == pytest.approx(0.5, abs=0.05)  # as bright as the surround
    assert float(torch.pdist(made.flatten(1)).min()) > 1
    pictures.cache_clear()
    assert torch.equal(pictures("", 30, 8, CPU), made)


@pytest.fixture
def folder(tmp_path):
    for number in range(10):
        Image.fromarray(np.full((5, 7, 3), 20 * number, np.uint8)).save(tmp_path / f"{number}.png")
    (tmp_path / "notes.txt").write_text("no image")
    return tmp_path


def test_a_folder_of_images_is_read_in_order(folder):
    found = pictures(str(folder), 10, 9, CPU)
    np.testing.assert_allclose(found[:, 0, 4, 4], 20 * np.arange(10) / 255, rtol=1e-6)


def test_a_wrong_folder_is_refused_in_a_sentence(folder):
    with pytest.raises(BadInput, match=r"there are 10 images, the task needs 2 x set_size = 12"):
        pictures(str(folder), 12, 9, CPU)
    with pytest.raises(BadInput, match="No such file"):
        pictures(str(folder / "nowhere"), 2, 9, CPU)
    (folder / "0.png").write_text("broken")
    with pytest.raises(BadInput, match=r"0\.png cannot be read as an image"):
        pictures(str(folder), 10, 8, CPU)
