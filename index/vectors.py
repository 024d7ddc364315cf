"""Unit vectors -> nearest rows by cosine. The only module that imports faiss."""

import faiss
import numpy as np
import numpy.typing as npt

from index.encoder import Vectors


class VectorIndex:
    """Exact search by inner product, which is the cosine for unit vectors.

    FAISS searches the array as it lies in memory; it never parses a file.
    """

    def __init__(self, rows: Vectors) -> None:
        """Takes (n, dimension) float32 rows of unit length, also for n = 0."""
        self.rows = np.ascontiguousarray(rows, np.float32)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def dimension(self) -> int:
        """The length of its vectors."""
        return int(self.rows.shape[1])

    def nearest(self, query: Vectors, k: int) -> tuple[npt.NDArray[np.int64], Vectors]:
        """A unit vector (dimension,) -> rows and cosines, (min(k, n),) each, best first, equal ones in row order."""
        k = min(k, len(self))
        if k == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        cosines, rows = (
            found[0] for found in faiss.knn(query.reshape(1, -1), self.rows, k, metric=faiss.METRIC_INNER_PRODUCT)
        )
        order = np.lexsort((rows, -cosines))
        return rows[order], cosines[order]

    def cosines(self, query: Vectors, rows: npt.NDArray[np.int64]) -> Vectors:
        """A unit vector and (n,) rows -> their cosines, (n,) float32."""
        return np.asarray(self.rows[rows] @ query, dtype=np.float32)
