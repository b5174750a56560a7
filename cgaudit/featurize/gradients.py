"""Histograms of oriented gradients: where in a picture edges of which direction are.

After N. Dalal and B. Triggs, "Histograms of oriented gradients for human detection", CVPR 2005:
unsigned directions of the strongest channel's gradient, of the square root of the picture, in
overlapping cells, over the energy of the cells around, clipped. Everything that is summed is a
whole number, so the bits do not depend on the processor.
"""

from __future__ import annotations

from functools import cache

import numpy as np

#: Pictures are brought to these sides, one after the other: fine edges and coarse ones.
SIDES = (96, 48, 24)
ORIENTATIONS = 9
#: Cells along a side.
CELLS = 6

#: The brightest value of the square root's scale.
_BRIGHTEST = 255
#: What a gradient of length 1 counts in all: directions between two bins are split.
_VOTE = 16
#: Added to the mean energy of the cells around, of pictures whose brightest value is 1.
_ENERGY_FLOOR = 1e-4
#: Cells stand out by no more than this, of the root of that energy.
_CLIP = 0.6


def gradient_histograms(picture: np.ndarray, *, mirror: bool) -> np.ndarray:
    """Return a square picture's histograms.

    Parameters
    ----------
    picture : ndarray of uint8, shape (s, s, C)
        s is a multiple of twice `CELLS`.
    mirror
        Return the mean of the histograms of the picture and of its mirror image.

    Returns
    -------
    ndarray of float32, shape (CELLS² · ORIENTATIONS,)
        Square roots, row by row of the cells.
    """
    votes = _votes().take(_codes(picture), axis=0)
    half = picture.shape[0] // (2 * CELLS)
    strips = votes.reshape(2 * CELLS, half, -1).sum(axis=1)
    halves = strips.reshape(2 * CELLS, 2 * CELLS, half, ORIENTATIONS).sum(axis=2)
    histograms = _normalised(_overlapping(halves), pixels=(4 * half) ** 2)
    if mirror:
        opposite = -np.arange(ORIENTATIONS) % ORIENTATIONS
        histograms = (histograms + histograms[:, ::-1, opposite]) / 2
    columns: np.ndarray = np.sqrt(histograms).astype(np.float32).ravel()
    return columns


def _codes(picture: np.ndarray) -> np.ndarray:
    """Return for each pixel the row of `_votes` that is its gradient's: int32, (s, s)."""
    levels = _square_roots().take(picture)
    across, down = np.zeros_like(levels), np.zeros_like(levels)
    across[:, 1:-1] = levels[:, 2:] - levels[:, :-2]
    down[1:-1] = levels[2:] - levels[:-2]
    steepness = across * across + down * down
    width = 2 * _BRIGHTEST + 1
    codes = (across + _BRIGHTEST) * width + (down + _BRIGHTEST)
    steepest, chosen = steepness[:, :, 0], codes[:, :, 0]
    for channel in range(1, picture.shape[2]):
        steeper = steepness[:, :, channel] > steepest
        chosen = np.where(steeper, codes[:, :, channel], chosen)
        steepest = np.where(steeper, steepness[:, :, channel], steepest)
    return np.asarray(chosen)


def _overlapping(halves: np.ndarray) -> np.ndarray:
    """Return sums over cells that reach half a cell into their neighbours.

    Parameters
    ----------
    halves : ndarray of int, shape (2 CELLS, 2 CELLS, ORIENTATIONS)

    Returns
    -------
    ndarray of int, shape (CELLS, CELLS, ORIENTATIONS)
    """
    edged = np.pad(halves, ((1, 1), (1, 1), (0, 0)))
    size = 2 * CELLS
    rows = np.stack([edged[k : k + size : 2] for k in range(4)]).sum(axis=0)
    cells: np.ndarray = np.stack([rows[:, k : k + size : 2] for k in range(4)]).sum(axis=0)
    return cells


def _normalised(sums: np.ndarray, pixels: int) -> np.ndarray:
    """Return each cell's histogram over the root of the mean energy of the 3 × 3 cells around."""
    whole = sums.astype(np.float64)
    energy = np.pad((whole * whole).sum(axis=2), 1)
    corners = [(i, j) for i in range(3) for j in range(3)]
    around = np.stack([energy[i : i + CELLS, j : j + CELLS] for i, j in corners]).sum(axis=0)
    unit = _BRIGHTEST * _VOTE * pixels
    root = np.sqrt(around[:, :, None] / 9 + _ENERGY_FLOOR * float(unit) ** 2)
    clipped: np.ndarray = np.minimum(whole / root, _CLIP)
    return clipped


@cache
def _square_roots() -> np.ndarray:
    """Return the square root of every brightness, on a scale to `_BRIGHTEST`: int32, (256,)."""
    levels: np.ndarray = np.rint(np.sqrt(np.arange(256) / 255) * _BRIGHTEST).astype(np.int32)
    return levels


@cache
def _votes() -> np.ndarray:
    """Return what each gradient gives each direction, by `_codes`: int32, ((2·255 + 1)², 9)."""
    steps = np.arange(-_BRIGHTEST, _BRIGHTEST + 1, dtype=np.float64)
    across, down = (axis.ravel() for axis in np.meshgrid(steps, steps, indexing="ij"))
    place = np.arctan2(down, across) % np.pi / np.pi * ORIENTATIONS
    below = np.floor(place)
    share = place - below
    length, rows = np.hypot(across, down) * _VOTE, np.arange(len(across))
    out = np.zeros((len(across), ORIENTATIONS), np.int32)
    out[rows, below.astype(int) % ORIENTATIONS] += np.rint(length * (1 - share)).astype(np.int32)
    out[rows, (below.astype(int) + 1) % ORIENTATIONS] += np.rint(length * share).astype(np.int32)
    return out
