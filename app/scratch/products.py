"""Products of matrices, piece by piece: one thread where there is little to share, short sums instead of long ones.

NumPy hands a product to BLAS, which shares it out among threads. With few columns, as small networks have them, there
is little to share, and the threads wait for each other: on two cores where something else is running, 16 ms for a
product of 1 ms. Pieces that one thread computes, and that stay in its cache, are about as fast on a machine at rest.
"""

import numpy as np

Array = np.ndarray
PIECE = 500_000
"""Multiplications up to which OpenBLAS takes one thread: below 2¹⁹."""
FEWEST, MOST = 24, 512
"""Rows of a piece, fewest and most: with fewer the pieces cost more than the threads; sums of more round more."""

NARROW = 32
"""Columns up to which a product has too little to share, however many rows it has."""
LONGEST = 128
"""Products that are added up in one go where sums are long."""


def product(a: Array, b: Array) -> Array:
    """Return a·b, (n, k) times (k, m), some rows of a at a time.

    >>> a, b = np.ones((70_000, 3)), np.ones((3, 4))
    >>> np.array_equal(product(a, b), a @ b)
    True
    """
    rows = PIECE // max(b.size, 1)
    if rows < FEWEST or rows >= len(a):
        return a @ b
    y = np.empty((len(a), b.shape[1]), np.result_type(a, b))
    for start in range(0, len(a), rows):
        np.matmul(a[start : start + rows], b, out=y[start : start + rows])
    return y


def even_product(a: Array, b: Array) -> Array:
    """Return a·b, as `product` does, where equal rows of a give equal results, or nearly always, wherever they stand.

    BLAS rounds a row by its place (OpenBLAS on processors with AVX2 does): of a map's cells that should be equal, a
    pooling would then choose one by chance. So sums are of 64 bits, and what a place changes there is lost in float32.

    >>> a, b = np.ones((70_000, 3), np.float32), np.full((3, 4), 0.1, np.float32)
    >>> len(np.unique(even_product(a, b)))
    1
    """
    kind = np.result_type(a, b)
    if kind != np.float32:
        return product(a, b)
    wide = b.astype(np.float64)
    rows = max(PIECE // max(b.size, 1), FEWEST)
    if rows >= len(a):
        return (a.astype(np.float64) @ wide).astype(kind)
    y = np.empty((len(a), b.shape[1]), kind)
    for start in range(0, len(a), rows):
        y[start : start + rows] = a[start : start + rows].astype(np.float64) @ wide
    return y


def turned_product(a: Array, b: Array) -> Array:
    """Return aᵀ·b, (n, k) and (n, m) becoming (k, m), as a sum over some rows at a time.

    >>> a, b = np.ones((70_000, 3)), np.ones((70_000, 4))
    >>> np.array_equal(turned_product(a, b), a.T @ b)
    True
    """
    fewest = FEWEST if b.shape[1] <= NARROW else 0
    rows = min(max(PIECE // max(a.shape[1] * b.shape[1], 1), fewest), MOST)
    if rows < FEWEST:
        rows = LONGEST  # the threads share a piece; its sums are short
    if rows >= len(a):
        return a.T @ b
    total = a[:rows].T @ b[:rows]
    for start in range(rows, len(a), rows):
        total += a[start : start + rows].T @ b[start : start + rows]
    return total


def long_product(a: Array, b: Array) -> Array:
    """Return a·b, (…, k) times (k, m), where k is large: sums of at most `LONGEST` products, which are then added up.

    So the rounding of each is that of a short sum.

    >>> a, b = np.ones((2, 1000)), np.ones((1000, 3))
    >>> np.array_equal(long_product(a, b), a @ b)
    True
    """
    total = a[..., :LONGEST] @ b[:LONGEST]
    for start in range(LONGEST, len(b), LONGEST):
        total += a[..., start : start + LONGEST] @ b[start : start + LONGEST]
    return total
