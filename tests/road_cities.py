"""Small road graphs of every kind, and jittered lattices as large as tests need them."""

import numpy as np
from hypothesis import strategies as st

from netlib.roads import NEVER, build_roads

lengths = st.one_of(st.integers(0, 12), st.sampled_from([0, 1000, NEVER - 1, NEVER]))


@st.composite
def graphs(draw):
    """Small graphs with loops, parallel edges, edges of no length, closed ones and islands."""
    n = draw(st.integers(1, 9))
    nodes = st.integers(0, n - 1)
    edges = draw(st.lists(st.tuples(nodes, nodes, lengths), max_size=25))
    points = draw(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=n, max_size=n))
    x, y = zip(*points, strict=True)
    return build_roads(x, y, *np.array(edges, dtype=np.int64).reshape(-1, 3).T), edges


def make_city(side, seed):
    """Make a jittered lattice with gaps, one-way streets and a few long roads."""
    rng = np.random.default_rng(seed)
    number = np.arange(side * side).reshape(side, side)
    tail = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    head = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    kept = rng.random(len(tail)) < 0.8
    tail, head = tail[kept], head[kept]
    two_way = rng.random(len(tail)) < 0.9
    ticks = rng.integers(1, 400, len(tail))
    far = rng.integers(0, side * side, (2, side))
    x, y = np.divmod(number.ravel(), side) + rng.uniform(-0.3, 0.3, (2, side * side))
    return build_roads(
        x,
        y,
        np.concatenate([tail, head[two_way], far[0]]),
        np.concatenate([head, tail[two_way], far[1]]),
        np.concatenate([ticks, ticks[two_way], rng.integers(0, 20_000, side)]),
    )
