"""Pictures of pages, made small enough to keep: blocks of twenty pixels, each its mean colour.

So coarse a picture shows whether map, legend, table and controls are where they were, and in their
colours; what a font does to a letter is lost in it.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rasterio.io import MemoryFile

FOLDER = Path(__file__).parent / "pictures"
BLOCK_PX = 20
# A block differs when its mean colour is off by more than this in any channel, of 255.
CLEARLY = 40
MOST_DIFFERENT = 0.12

Blocks = NDArray[np.uint8]


def read_png(png: bytes) -> Blocks:
    """Red, green and blue, (height, width, 3)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with MemoryFile(png) as file, file.open() as image:
            pixels: Blocks = np.moveaxis(image.read([1, 2, 3]), 0, -1)
    return pixels


def write_png(blocks: Blocks) -> bytes:
    """Blocks as a picture."""
    height, width = blocks.shape[:2]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with MemoryFile() as file:
            with file.open(driver="PNG", width=width, height=height, count=3, dtype="uint8") as out:
                out.write(np.moveaxis(blocks, -1, 0))
            return bytes(file.read())


def make_small(png: bytes) -> Blocks:
    """A screenshot as blocks; what is left over at right and below is cut."""
    pixels = read_png(png).astype(np.float64)
    height, width = (size // BLOCK_PX for size in pixels.shape[:2])
    cut = pixels[: height * BLOCK_PX, : width * BLOCK_PX]
    means = cut.reshape(height, BLOCK_PX, width, BLOCK_PX, 3).mean(axis=(1, 3))
    small: Blocks = np.rint(means).astype(np.uint8)
    return small


def share_different(one: Blocks, other: Blocks) -> float:
    """Share of blocks that clearly differ; 1 for pictures of another size."""
    if one.shape != other.shape:
        return 1.0
    apart = np.abs(one.astype(int) - other.astype(int)).max(axis=-1)
    return float((apart > CLEARLY).mean())
