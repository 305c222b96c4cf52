"""Compiled inner loops of the ground: rasters of land, and searches over cells and roads together.

A cell has a class: 0 where nobody drives, 1 and more for kinds of streets, `BARRIER` for rivers and
borders. A search works on a window of the raster with a margin of `MARGIN` empty cells on every
side, so that no move needs a check of bounds. A length is a whole number of ticks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

NEVER = np.int32(1_000_000_000)
NOTHING = np.int32(-1)
BARRIER = np.uint8(255)
# The longest move, that of a knight, goes two cells far.
MARGIN = 2
# Eight neighbours and eight knight's moves. In a plane a way over them is at most 2.8 % longer than
# the straight line (1 / cos 13.3 degrees, half of the widest gap between directions).
ROW_MOVES = np.array([0, 0, 1, -1, 1, 1, -1, -1, 1, 1, -1, -1, 2, 2, -2, -2], dtype=np.int64)
COLUMN_MOVES = np.array([1, -1, 0, 0, 1, -1, 1, -1, 2, -2, 2, -2, 1, -1, 1, -1], dtype=np.int64)
# Which of the three lengths 1, sqrt 2 and sqrt 5 each has.
MOVE_LENGTHS = np.array([0] * 4 + [1] * 4 + [2] * 8, dtype=np.int64)
LENGTHS = np.sqrt(np.array([1.0, 2.0, 5.0]))
# Around a source, cells take their straight lines up to this many cells away, so that a field
# begins as a circle and not as the polygon of the moves.
SEED_CELLS = 3


@njit(cache=True, nogil=True)
def fill_ring(raster: Any, x: Any, y: Any) -> None:
    """Flip the cells whose middle lies inside a ring: the even-odd rule over several rings.

    Parameters
    ----------
    raster
        Changed. bool (rows, columns): the middle of a cell is at whole coordinates.
    x, y
        float64: the corners of a closed ring, in cells.
    """
    rows, columns = raster.shape
    for i in range(len(x) - 1):
        ax, ay, bx, by = x[i], y[i], x[i + 1], y[i + 1]
        if ay == by:
            continue
        if ay > by:
            ax, ay, bx, by = bx, by, ax, ay
        low = max(int(np.ceil(ay)), 0)
        high = min(int(np.ceil(by)), rows)
        for row in range(low, high):
            cross = ax + (row - ay) * (bx - ax) / (by - ay)
            # Everything to the right of the side flips; what is left flipped lies inside.
            first = max(int(np.ceil(cross)), 0)
            if first < columns:
                raster[row, first] ^= True


@njit(cache=True, nogil=True)
def sum_flips(raster: Any) -> None:
    """Turn the flips that `fill_ring` left at the sides into the cells between them.

    Parameters
    ----------
    raster
        Changed. bool (rows, columns).
    """
    rows, columns = raster.shape
    for row in range(rows):
        inside = False
        for column in range(columns):
            inside ^= raster[row, column]
            raster[row, column] = inside


@njit(cache=True, nogil=True)
def stamp_discs(raster: Any, x: Any, y: Any, radius: float, value: int, only: int) -> None:
    """Write a value into the cells within a radius of some points.

    Parameters
    ----------
    raster
        Changed. uint8 (rows, columns).
    x, y, radius
        In cells.
    value
        What is written.
    only
        The value that is replaced; -1 for any.
    """
    rows, columns = raster.shape
    for i in range(len(x)):
        for row in range(max(int(np.ceil(y[i] - radius)), 0), min(int(y[i] + radius) + 1, rows)):
            half = np.sqrt(max(radius**2 - (row - y[i]) ** 2, 0.0))
            for column in range(
                max(int(np.ceil(x[i] - half)), 0), min(int(np.floor(x[i] + half)) + 1, columns)
            ):
                if only < 0 or raster[row, column] == only:
                    raster[row, column] = value


@njit(cache=True, nogil=True)
def stamp_line(raster: Any, x: Any, y: Any, radius: float) -> None:
    """Make barriers of the cells whose middle lies within a radius of a line.

    Parameters
    ----------
    raster
        Changed. uint8 (rows, columns).
    x, y
        float64: corners of the line, in cells.
    radius
        In cells.
    """
    rows, columns = raster.shape
    for i in range(len(x) - 1):
        dx, dy = x[i + 1] - x[i], y[i + 1] - y[i]
        square = dx * dx + dy * dy
        low = max(int(np.ceil(min(y[i], y[i + 1]) - radius)), 0)
        high = min(int(max(y[i], y[i + 1]) + radius) + 1, rows)
        left = max(int(np.ceil(min(x[i], x[i + 1]) - radius)), 0)
        right = min(int(max(x[i], x[i + 1]) + radius) + 1, columns)
        for row in range(low, high):
            for column in range(left, right):
                part = 0.0
                if square > 0:
                    part = ((column - x[i]) * dx + (row - y[i]) * dy) / square
                    part = min(max(part, 0.0), 1.0)
                away_x, away_y = column - x[i] - part * dx, row - y[i] - part * dy
                if away_x * away_x + away_y * away_y <= radius * radius:
                    raster[row, column] = BARRIER


@njit(cache=True, nogil=True)
def is_in_sight(classes: Any, x: float, y: float, row: int, column: int) -> Any:
    """Say whether no barrier lies between a point and the middle of a cell.

    The line is sampled at every half cell, which the width of barriers leaves no way around.
    """
    steps = int(2.0 * np.hypot(column - x, row - y)) + 1
    for step in range(steps + 1):
        part = step / steps
        r = int(np.floor(y + part * (row - y) + 0.5))
        c = int(np.floor(x + part * (column - x) + 0.5))
        if classes[r, c] == BARRIER:
            return False
    return True


@njit(cache=True, nogil=True)
def list_seeds(classes: Any, x: Any, y: Any, per_cell: Any) -> Any:
    """List the cells around sources with the ticks of the straight line.

    Parameters
    ----------
    classes
        uint8 (rows, columns): a window with its margin.
    x, y
        float64 (sources): in cells of the window.
    per_cell
        float64 (classes): ticks of one side of a cell.

    Returns
    -------
    (int64 array, int64 array, int64 array)
        Cell (row x columns + column), ticks and source.
    """
    rows, columns = classes.shape
    most = len(x) * (2 * SEED_CELLS + 1) ** 2
    cell = np.empty(most, dtype=np.int64)
    ticks = np.empty(most, dtype=np.int64)
    source = np.empty(most, dtype=np.int64)
    count = 0
    for i in range(len(x)):
        middle_row, middle_column = int(np.floor(y[i] + 0.5)), int(np.floor(x[i] + 0.5))
        for row in range(middle_row - SEED_CELLS, middle_row + SEED_CELLS + 1):
            for column in range(middle_column - SEED_CELLS, middle_column + SEED_CELLS + 1):
                if row < 0 or column < 0 or row >= rows or column >= columns:
                    continue
                kind = classes[row, column]
                away = np.hypot(row - y[i], column - x[i])
                if not 0 < kind < BARRIER or away > SEED_CELLS:
                    continue
                if not is_in_sight(classes, x[i], y[i], row, column):
                    continue
                cell[count] = row * columns + column
                ticks[count] = np.int64(np.rint(away * per_cell[kind]))
                source[count] = i
                count += 1
    return cell[:count], ticks[:count], source[:count]


@njit(cache=True, nogil=True)
def join_vertices(classes: Any, x: Any, y: Any, per_cell: Any) -> Any:
    """Join vertices to the four cells around each, both ways.

    A vertex in a barrier, on a bridge, is joined to none.

    Parameters
    ----------
    classes
        uint8 (rows, columns): a window with its margin.
    x, y
        float64 (vertices): in cells of the window; NaN for those that are not entered.
    per_cell
        float64 (classes): ticks of one side of a cell.

    Returns
    -------
    first, following, ticks, at
        int32: for each cell the last join (-1 for none), and for each join the one before it at its
        cell; join ``4 * vertex + corner``. Ticks of the join, `NEVER` for none, and its cell.
    """
    rows, columns = classes.shape
    first = np.full(rows * columns, NOTHING, dtype=np.int32)
    following = np.full(4 * len(x), NOTHING, dtype=np.int32)
    ticks = np.full(4 * len(x), NEVER, dtype=np.int32)
    at = np.zeros(4 * len(x), dtype=np.int32)
    for vertex in range(len(x)):
        if not (0 <= x[vertex] < columns - 1 and 0 <= y[vertex] < rows - 1):
            continue
        left, low = int(x[vertex]), int(y[vertex])
        if classes[int(y[vertex] + 0.5), int(x[vertex] + 0.5)] == BARRIER:
            continue
        for corner in range(4):
            row, column = low + corner // 2, left + corner % 2
            kind = classes[row, column]
            if not 0 < kind < BARRIER:
                continue
            away = np.hypot(row - y[vertex], column - x[vertex])
            join = 4 * vertex + corner
            cell = row * columns + column
            ticks[join] = np.int32(np.rint(away * per_cell[kind]))
            following[join] = first[cell]
            first[cell] = join
            at[join] = cell
    return first, following, ticks, at


@njit(cache=True, nogil=True)
def search_cells(
    classes: Any,
    step: Any,
    joins: Any,
    arcs: Any,
    seed_node: Any,
    seed_ticks: Any,
    seed_source: Any,
    end_ticks: int,
    shift: int,
    source_ticks: Any,
    longest: int,
    parent: Any,
) -> Any:
    """Search from seeds over cells and vertices with one queue of buckets.

    Buckets after Dial (1969), Algorithm 360, Communications of the ACM 12, ``2**shift`` ticks wide
    and corrected within as in Meyer & Sanders (2003), Journal of Algorithms 49.

    Parameters
    ----------
    classes
        uint8 (rows, columns): a window with its margin.
    step
        int32 (classes, classes, 3): ticks between cells of two classes, by length of the move.
    joins
        As from `join_vertices`.
    arcs
        ``start``, ``head``, ``ticks`` (int32): rows of a sparse matrix over the vertices.
    seed_node, seed_ticks, seed_source
        int64: node (a cell, or the number of cells and a vertex), ticks and source of each seed.
    end_ticks
        The first number of ticks that no longer counts.
    shift
        Width of a bucket as a power of two.
    source_ticks
        int64 (sources): ticks at which each begins.
    longest
        What takes longer than this from the source of its label is not reached; 0 for no limit.
    parent
        Changed. int32 (nodes): the node before each, -1 for seeds; of length 0 to do without.

    Returns
    -------
    int32 (nodes)
        Ticks, or `NEVER`.
    """
    rows, columns = classes.shape
    size = rows * columns
    kinds = classes.ravel()
    first_join, next_join, join_ticks, join_cell = joins
    start, head, arc_ticks = arcs
    nodes = size + len(start) - 1
    label = np.full(nodes, NEVER, dtype=np.int32)
    bounded = longest > 0
    owner = np.zeros(nodes if bounded else 0, dtype=np.int32)
    traced = len(parent) > 0
    offset = ROW_MOVES * columns + COLUMN_MOVES
    bucket = np.full((end_ticks >> shift) + 2, NOTHING, dtype=np.int32)
    room = 1 << 16
    entry = np.empty((room, 3), dtype=np.int32)
    used = 0
    for i in range(len(seed_node)):
        node, ticks = seed_node[i], seed_ticks[i]
        if ticks < end_ticks and ticks < label[node]:
            label[node] = ticks
            if bounded:
                owner[node] = seed_source[i]
            if traced:
                parent[node] = NOTHING
            if used == room:
                room *= 2
                larger = np.empty((room, 3), dtype=np.int32)
                larger[:used] = entry[:used]
                entry = larger
            entry[used, 0], entry[used, 1], entry[used, 2] = node, ticks, bucket[ticks >> shift]
            bucket[ticks >> shift] = used
            used += 1
    others = np.empty(4096, dtype=np.int64)
    costs = np.empty(4096, dtype=np.int64)
    for number in range(len(bucket)):
        while bucket[number] >= 0:
            current = bucket[number]
            node, ticks = np.int64(entry[current, 0]), entry[current, 1]
            bucket[number] = entry[current, 2]
            if label[node] != ticks:
                continue
            count = 0
            if node < size:
                kind = kinds[node]
                for move in range(16):
                    other = node + offset[move]
                    if 0 < kinds[other] < BARRIER:
                        cost = ticks + step[kind, kinds[other], MOVE_LENGTHS[move]]
                        if cost < label[other]:
                            others[count], costs[count] = other, cost
                            count += 1
                join = first_join[node]
                while join >= 0:
                    others[count] = size + join // 4
                    costs[count] = ticks + join_ticks[join]
                    count += 1
                    join = next_join[join]
            else:
                vertex = node - size
                for arc in range(start[vertex], start[vertex + 1]):
                    others[count] = size + head[arc]
                    costs[count] = ticks + arc_ticks[arc]
                    count += 1
                for corner in range(4):
                    join = 4 * vertex + corner
                    if join_ticks[join] < NEVER:
                        others[count] = join_cell[join]
                        costs[count] = ticks + join_ticks[join]
                        count += 1
            for i in range(count):
                other, cost = others[i], costs[i]
                if cost >= end_ticks or cost >= label[other]:
                    continue
                if bounded and cost - source_ticks[owner[node]] > longest:
                    continue
                label[other] = cost
                if bounded:
                    owner[other] = owner[node]
                if traced:
                    parent[other] = node
                if used == room:
                    room *= 2
                    larger = np.empty((room, 3), dtype=np.int32)
                    larger[:used] = entry[:used]
                    entry = larger
                slot = cost >> shift
                entry[used, 0], entry[used, 1], entry[used, 2] = other, cost, bucket[slot]
                bucket[slot] = used
                used += 1
    return label


@njit(cache=True, nogil=True)
def stamp_walks(
    classes: Any, x: Any, y: Any, start: Any, reach: float, per_cell: float, minutes: Any
) -> None:
    """Write the minutes on foot around sources in straight lines, not across barriers.

    Parameters
    ----------
    classes
        uint8 (rows, columns): a window with its margin.
    x, y
        float64 (sources): in cells of the window.
    start
        float64 (sources): minutes at which each begins.
    reach
        Longest walk, in cells of straight line.
    per_cell
        Minutes for a cell of straight line.
    minutes
        Changed. float64 (rows, columns): the smaller of what stands there and the walk.
    """
    rows, columns = classes.shape
    for i in range(len(x)):
        low = max(int(np.ceil(y[i] - reach)), 0)
        high = min(int(np.floor(y[i] + reach)) + 1, rows)
        left = max(int(np.ceil(x[i] - reach)), 0)
        right = min(int(np.floor(x[i] + reach)) + 1, columns)
        open_land = not (classes[low:high, left:right] == BARRIER).any()
        for row in range(low, high):
            for column in range(left, right):
                away = np.hypot(column - x[i], row - y[i])
                found = start[i] + away * per_cell
                if away > reach or found >= minutes[row, column]:
                    continue
                if open_land or is_in_sight(classes, x[i], y[i], row, column):
                    minutes[row, column] = found


@njit(cache=True, nogil=True)
def measure_paths(
    target: Any,
    parent: Any,
    classes: Any,
    detour: Any,
    joins_place: Any,
    arcs: Any,
    arc_km: Any,
    cell_km: float,
) -> Any:
    """Measure how long the ways to some nodes are.

    Parameters
    ----------
    target
        int64: nodes that were reached.
    parent, classes, arcs
        As `search_cells` left and took them.
    detour
        float64 (classes): length of the streets over the straight line.
    joins_place
        float64 (vertices, 2): in cells of the window.
    arc_km
        float64 (arcs).
    cell_km
        Width of a cell.

    Returns
    -------
    km, root
        float64 (targets), from the seed; and the seed: int64 (targets).
    """
    rows, columns = classes.shape
    size = rows * columns
    kinds = classes.ravel()
    start, head, ticks = arcs
    result = np.zeros(len(target))
    root = np.zeros(len(target), dtype=np.int64)
    for i in range(len(target)):
        node = np.int64(target[i])
        while parent[node] >= 0:
            before = np.int64(parent[node])
            if node >= size and before >= size:
                best = -1
                for arc in range(start[before - size], start[before - size + 1]):
                    if head[arc] == node - size and (best < 0 or ticks[arc] < ticks[best]):
                        best = arc
                result[i] += arc_km[best]
            else:
                a_x, a_y, a = place_node(before, size, columns, kinds, joins_place)
                b_x, b_y, b = place_node(node, size, columns, kinds, joins_place)
                ratio = 0.0
                if a < 0:
                    ratio = detour[b]
                elif b < 0:
                    ratio = detour[a]
                else:
                    ratio = (detour[a] + detour[b]) / 2.0
                result[i] += np.hypot(a_x - b_x, a_y - b_y) * cell_km * ratio
            node = before
        root[i] = node
    return result, root


@njit(cache=True, nogil=True)
def place_node(node: Any, size: int, columns: int, kinds: Any, joins_place: Any) -> Any:
    """Return the place of a node in cells, and its class, -1 for a vertex."""
    if node < size:
        return float(node % columns), float(node // columns), np.int64(kinds[node])
    return joins_place[node - size, 0], joins_place[node - size, 1], np.int64(-1)
