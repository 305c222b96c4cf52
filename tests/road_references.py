"""Plain twins of the kernels of roads and hierarchies, and an oracle for shortest ways."""

import bisect
import heapq
import itertools
import math

import numpy as np

NEVER = 1_000_000_000
CURVE_SIDE = 1 << 16


def search(n_nodes, edges, seeds):
    """Dijkstra on a list of (tail, head, ticks); seeds are (node, ticks)."""
    leaving = [[] for _ in range(n_nodes)]
    for tail, head, ticks in edges:
        leaving[tail].append((head, ticks))
    best = [NEVER] * n_nodes
    queue = [(ticks, node) for node, ticks in seeds]
    heapq.heapify(queue)
    while queue:
        reached, node = heapq.heappop(queue)
        if reached >= best[node]:
            continue
        best[node] = reached
        for other, ticks in leaving[node]:
            if reached + ticks < best[other]:
                heapq.heappush(queue, (reached + ticks, other))
    return best


def measure_curve(column, row):
    def measure(x, y, side):
        if side == 1:
            return 0
        half = side // 2
        if y < half:
            quarter, inner = (0, (y, x)) if x < half else (3, (half - 1 - y, side - 1 - x))
        else:
            quarter, inner = (1, (x, y - half)) if x < half else (2, (x - half, y - half))
        return quarter * half * half + measure(*inner, half)

    cells = zip(column, row, strict=True)
    return np.array([measure(int(x), int(y), CURVE_SIDE) for x, y in cells], dtype=np.int64)


def spread(start, head, ticks, seed_place, seed_ticks, end_ticks, shift, first, entry, label, by):
    queue = [(int(t), int(p), -1) for p, t in zip(seed_place, seed_ticks, strict=True)]
    heapq.heapify(queue)
    used = 0
    while queue:
        reached, place, arc = heapq.heappop(queue)
        if end_ticks - reached <= label[place]:
            continue
        label[place] = end_ticks - reached
        if by is not None:
            by[place] = arc
        entry[used, 0] = place
        used += 1
        for k in range(start[place], start[place + 1]):
            heapq.heappush(queue, (reached + int(ticks[k]), int(head[k]), k))
    return used


def take_labels(place, label, end_ticks, result):
    result[:] = [end_ticks - label[p] if label[p] else NEVER for p in place]
    label[:] = 0


def take_reached(node, entry, used, label, end_ticks):
    places = np.unique(entry[:used, 0])
    nodes, ticks = node[places], end_ticks - label[places]
    label[places] = 0
    return nodes, ticks


def fill_in(start, head):
    size = len(start) - 1
    upper = [set(head[start[rank] : start[rank + 1]].tolist()) for rank in range(size)]
    for rank in range(size):
        for low, high in itertools.combinations(sorted(upper[rank]), 2):
            upper[low].add(high)
    arcs = [(low, high) for low in range(size) for high in sorted(upper[low])]
    down = sorted(range(len(arcs)), key=lambda arc: arcs[arc][::-1])
    counts = np.array([0] + [len(heads) for heads in upper])
    lower = np.bincount([high for _, high in arcs], minlength=size)
    columns = (
        np.cumsum(counts),
        [high for _, high in arcs],
        np.cumsum([0, *lower]),
        [arcs[arc][0] for arc in down],
        down,
    )
    return tuple(np.array(column, dtype=np.int32) for column in columns)


def split_tree(up_start, up_head, parts):
    size = len(up_start) - 1
    above = [list(up_head[up_start[rank] : up_start[rank + 1]]) for rank in range(size)]
    below = [[rank] for rank in range(size)]
    for rank in range(size):
        if above[rank]:
            below[min(above[rank])] += below[rank]
    limit = (len(up_head) + size) / parts
    weight = [sum(1 + len(above[k]) for k in ranks) for ranks in below]
    found, room, done = [[], []], limit, set()
    for rank in reversed(range(size)):
        if rank in done:
            continue
        if weight[rank] > limit:
            found[0].append(rank)
            continue
        found[-1] += below[rank]
        done.update(below[rank])
        room -= weight[rank]
        if room <= 0:
            found.append([])
            room = limit
    ranks = [rank for part in found for rank in sorted(part, reverse=True)]
    starts = np.cumsum([0, *(len(part) for part in found)])
    return np.array(ranks, dtype=np.int32), starts.astype(np.int32)


def find_arc(up_start, up_head, low, high):
    return list(up_head[up_start[low] : up_start[low + 1]]).index(high) + up_start[low]


def find_arcs(up_start, up_head, low, high):
    pairs = zip(low, high, strict=True)
    found = [-1 if a == b else find_arc(up_start, up_head, a, b) for a, b in pairs]
    return np.array(found, dtype=np.int32)


def feed_arcs(feed_start, feed_road, feed_up, ticks, up, down):
    for arc in range(len(up)):
        fed = range(feed_start[arc], feed_start[arc + 1])
        up[arc] = min((ticks[feed_road[k]] for k in fed if feed_up[k]), default=NEVER)
        down[arc] = min((ticks[feed_road[k]] for k in fed if not feed_up[k]), default=NEVER)


def customise(up_start, up_head, down_start, down_tail, down_arc, wide, up, down):
    for rank in range(len(up_start) - 1):
        arcs = range(up_start[rank], up_start[rank + 1])
        for first, second in itertools.combinations(arcs, 2):
            third = find_arc(up_start, up_head, up_head[first], up_head[second])
            up[third] = min(up[third], down[first] + up[second])
            down[third] = min(down[third], up[first] + down[second])


def recustomise(
    up_start, up_head, down_start, down_tail, down_arc, feed_start, feed_road, feed_up, ticks,
    changed, budget, up, down,
):  # fmt: skip
    feed_arcs(feed_start, feed_road, feed_up, ticks, up, down)
    customise(up_start, up_head, down_start, down_tail, down_arc, None, up, down)
    return True


def climb_lanes(
    up_start, up_head, up, seed_start, seed_rank, seed_ticks, row, lanes, first_lane, filled, label
):
    size = len(up_start) - 1
    tails = np.repeat(np.arange(size), np.diff(up_start)).tolist()
    edges = list(zip(tails, up_head.tolist(), up.tolist(), strict=True))
    n_origins = len(seed_start) - 1
    for origin in range(n_origins):
        own = slice(seed_start[origin], seed_start[origin + 1])
        seeds = list(zip(seed_rank[own].tolist(), seed_ticks[own].tolist(), strict=True))
        for rank, ticks in enumerate(search(size, edges, seeds)):
            if ticks < NEVER and row[rank] >= 0:
                if not filled[row[rank]]:
                    lanes[row[rank], first_lane : first_lane + n_origins] = NEVER
                    filled[row[rank]] = True
                lanes[row[rank], first_lane + origin] = ticks


def sweep(start, head, ticks, own, rank, lanes, begin, end, filled):
    for i in rank:
        for lane in range(begin, end):
            best = lanes[own[i], lane] if filled[own[i]] else NEVER
            for arc in range(start[i], start[i + 1]):
                best = min(best, lanes[head[arc], lane] + ticks[arc])
            lanes[own[i], lane] = best


def select_ancestors(up_start, up_head, ranks):
    wanted = set()
    queue = [int(rank) for rank in ranks]
    while queue:
        rank = queue.pop()
        if rank not in wanted:
            wanted.add(rank)
            queue += up_head[up_start[rank] : up_start[rank + 1]].tolist()
    return np.array(sorted(wanted), dtype=np.int32)


def select_arcs(up_start, up_head, down, selected):
    chosen = selected.tolist()
    row = [chosen.index(rank) if rank in chosen else -1 for rank in range(len(up_start) - 1)]
    arcs = [k for rank in chosen for k in range(up_start[rank], up_start[rank + 1])]
    counts = [up_start[rank + 1] - up_start[rank] for rank in chosen]
    columns = (
        row,
        np.cumsum([0, *counts]),
        [row[up_head[arc]] for arc in arcs],
        [down[arc] for arc in arcs],
    )
    return tuple(np.array(column, dtype=np.int32) for column in columns)


def take_targets(lanes, target_start, target_row, target_ticks, result):
    for lane, target in np.ndindex(result.shape):
        ways = range(target_start[target], target_start[target + 1])
        ticks = [int(lanes[target_row[k], lane]) + int(target_ticks[k]) for k in ways]
        result[lane, target] = min([NEVER, *ticks])


def feed_lanes(feed_start, feed_road, feed_up, edge, ticks, first, up, down):
    for lane in range(up.shape[1]):
        own = ticks[edge, first + lane]
        feed_arcs(feed_start, feed_road, feed_up, own, up[:, lane], down[:, lane])


def customise_lanes(up_start, up_head, down_start, down_tail, down_arc, up, down):
    for lane in range(up.shape[1]):
        arcs = up_start, up_head, down_start, down_tail, down_arc
        customise(*arcs, None, up[:, lane], down[:, lane])


def search_lanes(
    up_start, up_head, up, down, seed_start, seed_rank, seed_ticks, node, first, result
):
    size = len(up_start) - 1
    tails = np.repeat(np.arange(size), np.diff(up_start)).tolist()
    for origin, lane in np.ndindex(len(seed_start) - 1, up.shape[1]):
        own = slice(seed_start[origin], seed_start[origin + 1])
        seeds = list(zip(seed_rank[own].tolist(), seed_ticks[own].tolist(), strict=True))
        edges = list(zip(tails, up_head.tolist(), up[:, lane].tolist(), strict=True))
        edges += zip(up_head.tolist(), tails, down[:, lane].tolist(), strict=True)
        result[origin, node, first + lane] = search(size, edges, seeds)


def draw_triangular(low, central, high, seed, first, result):
    whole = (1 << 64) - 1
    for item, k in np.ndindex(result.shape):
        base = (seed * 0xD1342543DE82EF95 + item) & whole
        base = ((base ^ (base >> 32)) * 0xDABA0B6EB09322E3) & whole
        z = (base + (first + k + 1) * 0x9E3779B97F4A7C15) & whole
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & whole
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & whole
        z ^= z >> 31
        chance = (z >> 11) / (1 << 53)
        a, c, b = int(low[item]), int(central[item]), int(high[item])
        shares = [0.0, (c - a) / (b - a) if b > a else 0.0]
        if bisect.bisect(shares, chance) == 1:
            value = a + math.sqrt(chance * (b - a) * (c - a))
        else:
            value = b - math.sqrt((1 - chance) * (b - a) * (b - c))
        result[item, k] = math.floor(value + 0.5)
