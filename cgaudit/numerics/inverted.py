"""Nearest rows among more than all pairs of can be compared: faiss's inverted lists.

Rows are grouped around centres; a row's nearest are looked for in the groups of the centres nearest
to it (Jégou, Douze, Schmid, "Product quantization for nearest neighbor search", TPAMI 2011, section
IV). What lies just across the border of a group that is not looked at is missed.
"""

from __future__ import annotations

import torch
from torch import Tensor

from cgaudit.errors import SolveError
from cgaudit.installed import install

#: Groups for n rows: this many times √n; and how many of them are looked at for each row.
_GROUPS_PER_ROOT = 2
_LOOKED_AT = 32


class InvertedLists:
    """An index of unit rows by their inner product, in main memory.

    Parameters
    ----------
    rows : Tensor of float32, shape (n, d)
    known : Tensor of bool, shape (n,)
        Rows that may be neighbours.

    Raises
    ------
    SolveError
        faiss is not installed.
    """

    def __init__(self, rows: Tensor, known: Tensor) -> None:
        try:
            import faiss
        except ImportError:
            raise SolveError(
                f"outliers: true compares all pairs of samples; for {len(rows):,} it looks for "
                f"likely ones with faiss, which is not installed: `{install('faiss')}`. "
                "Or set outliers: false."
            ) from None
        self._device = rows.device
        self._names = known.nonzero()[:, 0].cpu()
        members = rows[known].cpu().numpy()
        groups = max(1, min(int(_GROUPS_PER_ROOT * len(members) ** 0.5), len(members) // 40))
        # faiss draws its centres with a fixed seed: the same rows give the same index.
        width = rows.shape[1]
        # The index refers to its centres and does not keep them.
        self._centres = faiss.IndexFlatIP(width)
        self._index = faiss.IndexIVFFlat(self._centres, width, groups, faiss.METRIC_INNER_PRODUCT)
        self._index.train(members)
        self._index.add(members)
        self._index.nprobe = min(_LOOKED_AT, groups)

    def largest_products(self, mine: Tensor, start: int, k: int) -> tuple[Tensor, Tensor]:
        """Return k large products with other rows, and which rows, of rows from `start` on.

        Returns
        -------
        products, samples : Tensor, shape (b, k)
            −∞ where fewer were found.
        """
        found, places = self._index.search(mine.cpu().numpy(), k + 1)
        products, samples = torch.from_numpy(found), self._names[torch.from_numpy(places)]
        own = torch.arange(start, start + len(mine))[:, None]
        products[(samples == own) | (torch.from_numpy(places) < 0)] = -torch.inf
        products, order = products.topk(k, dim=1)
        return products.to(self._device), samples.gather(1, order).to(self._device)
