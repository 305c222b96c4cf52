"""Orders in which to contract the nodes of a road graph, computed once and kept on disk."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import numpy as np

from netlib.caches import find_cache
from netlib.errors import NetlibError
from netlib.roads.graph import Ints, Roads, list_tails

# Names the way that orders are made; another way gets another name, so that no old one is taken.
ORDER_METHOD = "inertial-flow-1"


def read_order(roads: Roads, *, cache: Path | None = None) -> Ints:
    """Return the places of nodes in the order of contraction.

    Separators of the graph are contracted last, found by inertial flow (Schild & Sommer, 2015, On
    balanced separators in road networks, SEA).

    Parameters
    ----------
    roads
        The graph; its ticks do not count.
    cache
        Folder where orders are kept by the content of the graph; `find_cache` by default. A folder
        that cannot be written keeps nothing.

    Returns
    -------
    int32 (nodes)

    Raises
    ------
    NetlibError
        The package that finds orders is not installed.
    """
    folder = find_cache() if cache is None else cache
    digest = hashlib.sha256(ORDER_METHOD.encode())
    for column in (roads.start, roads.head, roads.x, roads.y):
        digest.update(column.tobytes())
    path = folder / "orders" / f"{digest.hexdigest()}.npy"
    order = _load_order(path, len(roads.node))
    if order is None:
        order = _compute_order(roads)
        _keep_order(path, order)
    return order


def _load_order(path: Path, size: int) -> Ints | None:
    """Return an order that was kept; None when there is none, or it is damaged."""
    try:
        order = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if order.dtype != np.int32 or order.shape != (size,):
        return None
    if not np.array_equal(np.sort(order), np.arange(size)):
        return None
    return np.asarray(order, dtype=np.int32)


def _keep_order(path: Path, order: Ints) -> None:
    """Write an order whole, or not at all where the folder cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    except OSError:
        return
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            np.save(stream, order, allow_pickle=False)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _compute_order(roads: Roads) -> Ints:
    """Order places by nested dissection, separators found by inertial flow."""
    try:
        from routingkit_cch import compute_order_inertial
    except ImportError:
        message = "the package routingkit-cch is missing; install netlib[streets]"
        raise NetlibError(message) from None
    tail = list_tails(roads)
    low, high = np.minimum(tail, roads.head), np.maximum(tail, roads.head)
    size = len(roads.node)
    pairs = np.unique((low.astype(np.int64) * size + high)[low < high])
    if not len(pairs):
        return np.arange(size, dtype=np.int32)
    tails, heads = np.divmod(pairs, size)
    order = compute_order_inertial(
        size, tails.tolist(), heads.tolist(), roads.y.tolist(), roads.x.tolist()
    )
    return np.array(order, dtype=np.int32)
