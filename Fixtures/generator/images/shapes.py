"""Soft geometric shapes: signed distances in cm, positive inside.

A picture is put together from distances: union is `maximum`, `solid` makes the length of an X-ray's way
through a rounded body, `edge` makes a soft-edged area.
"""

import numpy as np

from ..identifiers import generator


def grid(rows, columns, spacing):
    """Coordinates in cm of pixel centres, origin in the middle: x to the image's right, y down."""
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float64)
    return (x - (columns - 1) / 2) * spacing, (y - (rows - 1) / 2) * spacing


def smooth(value, low=0.0, high=1.0):
    """0 below `low`, 1 above `high`, a cubic between."""
    t = np.clip((value - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def edge(distance, width=0.1):
    """1 inside, 0 outside, `width` cm wide between."""
    return smooth(distance, -width / 2, width / 2)


def ellipse(x, y, cx, cy, a, b, slope=0.0):
    """Distance to an ellipse with half axes `a`, `b` whose first axis has the direction (1, slope)."""
    length = np.sqrt(1.0 + slope * slope)
    c, s = 1.0 / length, slope / length
    u, v = (x - cx) * c + (y - cy) * s, (y - cy) * c - (x - cx) * s
    r = np.sqrt((u / a) * (u / a) + (v / b) * (v / b))
    return (1.0 - r) * min(a, b)


def ellipsoid(x, y, z, centre, axes):
    """Distance to an axis-parallel ellipsoid."""
    r = np.sqrt(sum(((p - c) / a) * ((p - c) / a) for p, c, a in zip((x, y, z), centre, axes)))
    return (1.0 - r) * min(axes)


def capsule(coordinates, start, end, start_radius, end_radius):
    """Distance to a rod with round ends, in two or three dimensions."""
    delta = [e - s for s, e in zip(start, end)]
    squared = sum(d * d for d in delta) or 1.0
    t = sum((p - s) * d for p, s, d in zip(coordinates, start, delta)) / squared
    t = np.clip(t, 0.0, 1.0)
    away = sum((p - s - t * d) * (p - s - t * d) for p, s, d in zip(coordinates, start, delta))
    return start_radius + (end_radius - start_radius) * t - np.sqrt(away)


def tube(x, y, points, radii):
    """Distance to a bent rod through `points`; far from it only "far outside" (-9) is promised.

    `radii` is one number or one per point.
    """
    if not isinstance(radii, (list, tuple)):
        radii = [radii] * len(points)
    distance = np.full(x.shape, -9.0)
    for (a, ra), (b, rb) in zip(zip(points, radii), zip(points[1:], radii[1:])):
        margin = max(ra, rb) + 0.6
        columns = np.flatnonzero((x[0] > min(a[0], b[0]) - margin) & (x[0] < max(a[0], b[0]) + margin))
        rows = np.flatnonzero((y[:, 0] > min(a[1], b[1]) - margin) & (y[:, 0] < max(a[1], b[1]) + margin))
        if columns.size and rows.size:
            window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            part = capsule((x[window], y[window]), a, b, ra, rb)
            distance[window] = np.maximum(distance[window], part)
    return distance


def curve(points, steps=8):
    """A smooth curve (Catmull-Rom) through `points`, as a finer list of points."""
    padded = [points[0], *points, points[-1]]
    fine = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:]):
        for step in range(steps):
            t = step / steps
            fine.append(
                tuple(
                    0.5
                    * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t * t * t)
                    for a, b, c, d in zip(p0, p1, p2, p3)
                )
            )
    return [*fine, points[-1]]


def solid(distance, radius):
    """Length in cm of the ray through a body with round edges of `radius` and a flat middle."""
    d = np.clip(distance, 0.0, radius)
    return 2.0 * np.sqrt(d * (2.0 * radius - d))


def bone(distance, radius, cortex=0.22):
    """Length of dense bone on the ray's way: a compact rim `cortex` cm thick around a spongy inside."""
    return 0.35 * solid(distance, radius) + 0.65 * (solid(distance, radius) - solid(distance - cortex, radius - cortex))


def lattice_noise(coordinates, cell, name):
    """Smooth noise in 0...1 with lumps about `cell` cm wide, in two or three dimensions; repeats after 32 cells."""
    size = 32
    table = generator(name).integers(0, 1024, size=(size,) * len(coordinates)).astype(np.float64) / 1023.0
    scaled = [p / cell + 512.0 for p in coordinates]
    whole = [np.floor(p).astype(np.int64) for p in scaled]
    part = [p - w for p, w in zip(scaled, whole)]
    part = [t * t * (3.0 - 2.0 * t) for t in part]
    total = 0.0
    for corner in range(1 << len(coordinates)):
        weight, index = 1.0, []
        for axis, (w, t) in enumerate(zip(whole, part)):
            upper = corner >> axis & 1
            weight = weight * (t if upper else 1.0 - t)
            index.append((w + upper) % size)
        total = total + weight * table[tuple(index)]
    return total


def grain(shape, name):
    """Noise of mean 0 and standard deviation 1, close to normal: the sum of four uniform integers."""
    draws = generator(name).integers(0, 256, size=(4, *shape))
    total = draws[0] + draws[1] + draws[2] + draws[3]
    return (total - 510).astype(np.float64) / 147.8


def soften(image):
    """A 3 × 3 binomial blur, as a detector does."""
    padded = np.pad(image, 1, mode="edge")
    across = padded[:, :-2] + 2.0 * padded[:, 1:-1] + padded[:, 2:]
    return (across[:-2] + 2.0 * across[1:-1] + across[2:]) / 16.0
