"""Place names on a map without collisions.

Greedy: labels are taken in the order of their rank, and each goes to that one of a fixed list of
positions around its point that overlaps the least of what is placed, and then crosses the fewest
lines. One that cannot but overlap is left out unless it is needed. The result depends on nothing
but the input.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from netlib.maps.style import INK, MUTED, measure_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

LINE_HEIGHT = 1.22  # of the font size
GAP = 2.0  # points kept free around a label
# A line from the point to its label is worse than crossing this many points of lines.
LEADER_COST = 30.0


class Span(NamedTuple):
    """A piece of text in one style: text, size in points, bold or not, colour."""

    text: str
    size: float
    bold: bool = False
    colour: str = INK


class Box(NamedTuple):
    """A rectangle in points."""

    left: float
    bottom: float
    right: float
    top: float

    def overlap(self, other: Box) -> float:
        """Return the shared area in square points."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.top, other.top) - max(self.bottom, other.bottom)
        return max(width, 0.0) * max(height, 0.0)


@dataclass(frozen=True)
class Label:
    """Lines of text that belong to a point.

    Attributes
    ----------
    x, y
        The point, in points from the lower left corner of the map.
    lines
        Lines from top to bottom, each of one or more spans.
    radius
        Room that the point's mark takes, in points.
    needed
        Whether the label must be drawn even where it overlaps another.
    """

    x: float
    y: float
    lines: Sequence[Sequence[Span]]
    radius: float = 3.0
    needed: bool = False

    @property
    def width(self) -> float:
        """Width in points."""
        return max(
            sum(measure_text(span.text, size=span.size, bold=span.bold) for span in line)
            for line in self.lines
        )

    @property
    def heights(self) -> list[float]:
        """Height of each line in points."""
        return [LINE_HEIGHT * max(span.size for span in line) for line in self.lines]


class Placed(NamedTuple):
    """A label and where it goes; ``leader`` says whether it needs a line to its point."""

    label: Label
    box: Box
    leader: bool

    def nearest(self) -> tuple[float, float]:
        """Return the point of the box that is nearest to the label's point."""
        x = min(max(self.label.x, self.box.left), self.box.right)
        y = min(max(self.label.y, self.box.bottom), self.box.top)
        return x, y

    def start(self, width: float) -> float:
        """Return where a line of ``width`` points begins: aligned to the side of the point."""
        if self.box.left >= self.label.x:
            return self.box.left
        if self.box.right <= self.label.x:
            return self.box.right - width
        return (self.box.left + self.box.right - width) / 2


@dataclass
class Layout:
    """A map of ``width`` by ``height`` points on which labels are placed one by one.

    Attributes
    ----------
    lines
        Points along the lines of the map, float64 of shape (n, 2); names avoid them if they can.
    taken
        Rectangles that are occupied.
    """

    width: float
    height: float
    lines: NDArray[np.float64]
    taken: list[Box] = field(default_factory=list)

    def block(self, x: float, y: float, radius: float) -> None:
        """Keep the square around a mark free of labels."""
        self.taken.append(Box(x - radius, y - radius, x + radius, y + radius))

    def block_corner(self, width: float, height: float) -> None:
        """Keep the lower left corner free of labels."""
        self.taken.append(Box(0.0, 0.0, width, height))

    def place(self, label: Label) -> Placed | None:
        """Find a place for ``label`` and occupy it; None when there is none and none is needed."""
        best: tuple[float, float, Placed] | None = None
        for rank, (box, leader) in enumerate(self._candidates(label)):
            outside = box.left < 0 or box.bottom < 0
            if outside or box.right > self.width or box.top > self.height:
                continue
            overlap = sum(box.overlap(other) for other in self.taken)
            crossing = self._count_crossed(box) + 0.3 * rank + LEADER_COST * leader
            if best is None or (overlap, crossing) < best[:2]:
                best = overlap, crossing, Placed(label, box, leader)
        if best is None or (best[0] > 0 and not label.needed):
            return None
        self.taken.append(best[2].box)
        return best[2]

    def _count_crossed(self, box: Box) -> int:
        """Count the points of lines inside a box."""
        x, y = self.lines[:, 0], self.lines[:, 1]
        inside = (x > box.left) & (x < box.right) & (y > box.bottom) & (y < box.top)
        return int(inside.sum())

    def _candidates(self, label: Label) -> list[tuple[Box, bool]]:
        """List positions from the best: beside, above, below, corners; then further off."""
        width, height = label.width, sum(label.heights)
        directions = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))
        rings = (0.0, 10.0, 22.0, 36.0) if label.needed else (0.0,)
        boxes = []
        for ring in rings:
            for right, up in directions:
                reach = label.radius + GAP + ring
                corner = 0.75 if right and up else 1.0
                x = label.x + right * (reach * corner + width / 2)
                y = label.y + up * (reach * corner + height / 2)
                box = Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
                boxes.append((box, ring > 0))
        return boxes


def name_lines(
    names: tuple[str, str], *, size: float, bold: bool = False, colour: str = INK
) -> list[list[Span]]:
    """Make the two lines of a name: main language, and smaller the other one unless equal."""
    main, second = names
    lines = [[Span(main, size, bold, colour)]]
    if second and second != main:
        lines.append([Span(second, max(size - 2.0, 6.0), colour=MUTED if bold else colour)])
    return lines
