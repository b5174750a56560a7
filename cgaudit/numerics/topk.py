"""The k largest entries of each row of a matrix that is never whole in memory."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Largest(NamedTuple):
    """The largest entries met so far, the largest first.

    Attributes
    ----------
    values
        (r, k); −∞ where fewer were met.
    columns
        int64 (r, k), where they stand.
    """

    values: Tensor
    columns: Tensor

    @classmethod
    def none(cls, rows: int, k: int, like: Tensor) -> Largest:
        """Return the places of k entries a row that are still to be met; their columns are −1.

        Parameters
        ----------
        like
            Whose dtype and device the values get.
        """
        columns = torch.full((rows, k), -1, dtype=torch.int64, device=like.device)
        return cls(like.new_full((rows, k), -torch.inf), columns)


def largest(tile: Tensor, k: int, first_column: int = 0, met: Largest | None = None) -> Largest:
    """Return the k largest entries of each row among a tile and those met before.

    Parameters
    ----------
    tile
        (r, c), consecutive columns of the matrix.
    k
        How many to keep; all there are, where they are fewer.
    first_column
        Which column of the matrix the tile starts at.
    met
        What earlier tiles of the same rows held; None where this is the first.
    """
    values, columns = tile.topk(min(k, tile.shape[1]), dim=1)
    columns = columns + first_column
    if met is None:
        return Largest(values, columns)
    values = torch.cat([met.values, values], dim=1)
    columns = torch.cat([met.columns, columns], dim=1)
    values, order = values.topk(min(k, values.shape[1]), dim=1)
    return Largest(values, columns.gather(1, order))
