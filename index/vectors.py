"""Unit vectors -> nearest rows by cosine. The only module that imports faiss."""

from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from index.encoder import Vectors


class VectorIndex:
    """Exact search by inner product, which is the cosine for unit vectors."""

    def __init__(self, index: "faiss.Index") -> None:
        """Wraps a FAISS index whose rows are unit vectors."""
        self._index = index

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """The length of its vectors."""
        return int(self._index.d)

    def save(self, file: Path) -> None:
        """Writes the index to `file`."""
        faiss.write_index(self._index, str(file))

    def nearest(self, query: Vectors, k: int) -> tuple[npt.NDArray[np.int64], Vectors]:
        """A unit vector (dimension,) -> rows and cosines, (min(k, n),) each, best first, equal ones in row order."""
        k = min(k, len(self))
        if k == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        cosines, rows = (found[0] for found in self._index.search(query.reshape(1, -1), k))
        order = np.lexsort((rows, -cosines))
        return rows[order], cosines[order]

    def cosines(self, query: Vectors, rows: npt.NDArray[np.int64]) -> Vectors:
        """A unit vector and (n,) rows -> their cosines, (n,) float32."""
        if len(rows) == 0:
            return np.empty(0, np.float32)
        return np.asarray(self._index.reconstruct_batch(rows) @ query, dtype=np.float32)


def build_vectors(vectors: Vectors, dimension: int) -> VectorIndex:
    """(n, dimension) float32 rows of unit length -> index, also for n = 0."""
    index = faiss.IndexFlatIP(dimension)
    index.add(vectors)
    return VectorIndex(index)


def load_vectors(file: Path) -> VectorIndex:
    """A file whose checksum has been verified -> index."""
    return VectorIndex(faiss.read_index(str(file)))
