"""Pictures to discriminate: made by a formula, or read from a folder."""

import functools
from pathlib import Path

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from pfc_metarl.settings import BadInput

SEED = 1949
"""Of the pictures made by a formula, which are the same in every experiment."""

WAVES, CONTRAST = 2, 3.0
"""Waves along each side of a picture, the first of them constant, and how strong the colours are that they mix."""

SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp")


@functools.lru_cache(maxsize=8)
def pictures(folder: str, n: int, side: int, device: torch.device) -> Tensor:
    """Return square pictures of three colours, values 0 to 1.

    Parameters
    ----------
    folder : str
        The first `n` image files in it, in the order of their names; if empty, pictures are made by a formula: patches
        of colour, soft at their borders, each picture a random mixture of a few slow waves.
    n : int
    side : int
        Pixels.
    device : torch.device

    Returns
    -------
    Tensor, shape [picture, colour, row, column]

    Raises
    ------
    BadInput
        If the folder does not hold so many images, or one cannot be read.
    """
    made = torch.from_numpy(_patches(n, side)) if not folder else torch.stack(_read(Path(folder), n, side))
    return made.to(device)


def _patches(n: int, side: int) -> np.ndarray:
    place = (np.arange(side) + 0.5) / side
    waves = np.stack([np.cos(np.pi * k * place) * np.sqrt(1 if k == 0 else 2) for k in range(WAVES)])
    strength = np.random.default_rng(SEED).normal(size=(n, 3, WAVES, WAVES)) / WAVES
    mixed = np.einsum("nckl,kx,ly->ncxy", strength, waves, waves)
    return (1 / (1 + np.exp(-CONTRAST * mixed))).astype(np.float32)


def _read(folder: Path, n: int, side: int) -> list[Tensor]:
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    except OSError as error:
        raise BadInput(f"task.folder = {str(folder)!r}: {error.strerror}; name a folder of images.") from None
    if len(paths) < n:
        raise BadInput(
            f"task.folder = {str(folder)!r}: there are {len(paths)} images, the task needs 2 x set_size = {n}; "
            "make set_size smaller."
        )
    found = []
    for path in paths[:n]:
        try:
            with Image.open(path) as image:
                pixels = np.asarray(image.convert("RGB").resize((side, side)), dtype=np.float32) / 255
        except (OSError, UnidentifiedImageError, ValueError):
            raise BadInput(f"task.folder: {path} cannot be read as an image; remove it.") from None
        found.append(torch.from_numpy(pixels).permute(2, 0, 1).contiguous())
    return found
