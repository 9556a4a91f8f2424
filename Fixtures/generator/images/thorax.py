"""Axial CT of the chest in Hounsfield units, a three-dimensional model cut slice by slice."""

import numpy as np

from ..identifiers import generator
from .shapes import capsule, edge, ellipse, ellipsoid, grain, grid, lattice_noise, soften

AIR, LUNG, FAT, MUSCLE, BLOOD, CANCELLOUS, CORTICAL = -1000.0, -860.0, -95.0, 52.0, 42.0, 210.0, 720.0


def _blend(image, distance, value, width=0.22):
    part = edge(distance, width)
    return image * (1.0 - part) + value * part


def _bone(image, distance, width=0.2):
    return _blend(_blend(image, distance, CORTICAL, width), distance - 0.3, CANCELLOUS, width)


def _lung_vessels(x, y, z, name):
    """Distance to the nearest lung vessel: rods in space from each hilum, cut at height z."""
    random, nearest = generator(name + " vessels"), np.full(x.shape, -9.0)
    for side in (-1, 1):
        hilum = (side * 3.4, 0.6, 11.5)
        for _ in range(84):
            end = (
                side * (5.0 + random.integers(0, 75) / 10),
                random.integers(-62, 63) / 10,
                random.integers(10, 235) / 10,
            )
            middle = tuple(h + (e - h) * 0.5 + random.integers(-9, 10) / 10 for h, e in zip(hilum, end))
            for a, b, ra, rb in ((hilum, middle, 0.44, 0.27), (middle, end, 0.27, 0.14)):
                if min(a[2], b[2]) - 0.8 < z < max(a[2], b[2]) + 0.8:
                    nearest = np.maximum(nearest, capsule((x, y, np.full(x.shape, z)), a, b, ra, rb))
    return nearest


def slice_hu(name, z, enhanced=False, scale=1.0, size=192, spacing=0.2, noise=5.0):
    """One slice at height `z` cm below the apex: HU, head-first supine, the front of the body up.

    `enhanced` fills vessels and heart chambers as some 40 s after injection.
    """
    x, y = grid(size, size, spacing)
    x, y = x / scale, y / scale
    blood = 235.0 if enhanced else BLOOD
    aorta_blood = 265.0 if enhanced else BLOOD
    wide = np.interp(z, [0, 4, 10, 24], [13.8, 15.6, 16.0, 15.4])
    deep = np.interp(z, [0, 4, 10, 24], [7.6, 9.4, 10.6, 10.8])
    body = np.maximum(
        ellipse(x, y, 0, 0.4, wide, deep), np.minimum(wide - np.abs(x), ellipse(x, y, 0, 0.8, wide + 1.5, deep - 0.9))
    )

    image = np.full(x.shape, AIR)
    image = _blend(image, body, FAT)
    image = _blend(image, body - 1.1, MUSCLE + 10 * (lattice_noise((x, y), 0.8, name + " muscle") - 0.5))
    # The lungs narrow to the apex and end on the domes of the diaphragm.
    liver = ellipsoid(x, y, z, (-6.6, 0.6, 25.5), (7.6, 8.4, 7.2))
    stomach = ellipsoid(x, y, z, (6.8, 0.8, 26.5), (6.6, 8.0, 6.2))
    open_ = np.interp(z, [0, 2, 6, 12, 24], [0.35, 0.62, 0.86, 1.0, 1.03])
    lungs = [ellipse(x, y, side * 6.9, 0.9, 5.4 * open_, 8.1 * open_, side * 0.12) for side in (-1, 1)]
    lung = np.minimum(np.maximum(lungs[0], lungs[1]), -np.maximum(liver, stomach))
    mediastinum = ellipse(x, y, 0.2, -1.0, np.interp(z, [0, 8, 12, 24], [3.0, 2.6, 2.9, 3.2]), 6.8)
    texture = 45.0 * (lattice_noise((x, y, np.full(x.shape, z)), 0.5, name + " lung") - 0.5)
    image = _blend(image, mediastinum, FAT + 20)
    image = _blend(image, np.minimum(lung, -mediastinum), LUNG + texture)
    vessels = np.minimum(_lung_vessels(x, y, z, name), np.minimum(lung - 0.15, -mediastinum))
    image = _blend(image, vessels, blood - 10, 0.3)
    image = _blend(image, np.minimum(liver, body - 1.9), 58.0 + (42.0 if enhanced else 0.0))
    image = _blend(image, np.minimum(stomach, body - 1.9), 46.0 + (60.0 if enhanced else 0.0))
    image = _blend(image, ellipsoid(x, y, z, (6.8, -4.2, 24.5), (2.6, 2.0, 2.8)), AIR + 20)

    heart = ellipsoid(x, y, z, (1.7, -2.2, 17.0), (5.7, 4.6, 5.6))
    image = _blend(image, heart, FAT)
    image = _blend(image, heart - 0.4, 48.0 if not enhanced else 110.0)
    for centre, axes in (
        ((3.2, -1.2, 17.6), (2.0, 1.6, 3.4)),
        ((0.2, -3.6, 17.4), (2.0, 1.5, 3.6)),
        ((0.4, 0.5, 15.2), (2.2, 1.2, 2.2)),
        ((-2.0, -2.2, 16.2), (1.4, 1.6, 2.6)),
    ):
        image = _blend(image, ellipsoid(x, y, z, centre, axes), blood)
    space = (x, y, np.full(x.shape, z))
    for a, b, r, value in (
        ((0.2, -2.6, 14), (-0.6, -2.8, 8.6), 1.45, aorta_blood),
        ((-0.6, -2.8, 8.6), (2.0, 0.8, 7.6), 1.3, aorta_blood),
        ((2.0, 0.8, 7.6), (2.3, 4.4, 10.0), 1.25, aorta_blood),
        ((2.3, 4.4, 10), (1.4, 4.8, 25), 1.15, aorta_blood),
        ((-2.1, -2.4, 2), (-2.1, -1.8, 14), 0.85, blood),
        ((1.4, -2.8, 13), (1.6, -0.8, 10.8), 1.3, blood),
        ((-3.2, 0.4, 11.2), (1.6, -0.8, 10.8), 0.95, blood),
        ((1.6, -0.8, 10.8), (3.8, 0.8, 11), 0.95, blood),
        ((-1.6, -1.6, 0), (-1.0, -2.4, 7.6), 0.5, aorta_blood),
        ((1.6, -1.2, 0), (0.9, -1.4, 7.2), 0.45, aorta_blood),
    ):
        image = _blend(image, capsule(space, a, b, r, r), value)
    for a, b, r in (
        ((0, 0.6, -2), (0, 1.2, 10), 0.85),
        ((0, 1.2, 10), (-3.4, 1.4, 12.6), 0.6),
        ((0, 1.2, 10), (3.8, 1.6, 13), 0.55),
    ):
        image = _blend(image, capsule(space, a, b, r, r), AIR + 15)

    image = _bone(image, ellipse(x, y, 0, 7.0, 1.9, 1.5))
    image = _blend(image, ellipse(x, y, 0, 9.0, 0.95, 0.75), 35.0)
    ring = np.minimum(ellipse(x, y, 0, 9.0, 1.5, 1.25), -ellipse(x, y, 0, 9.0, 0.95, 0.75))
    image = _bone(image, np.minimum(ring, y - 7.9), 0.18)
    image = _bone(image, capsule((x, y), (0, 10.0), (0, 11.0), 0.4, 0.3))
    if 3 < z < 21:
        image = _bone(image, ellipse(x, y, 0, -7.9 if z > 8 else -6.9, 1.7, 0.6))
    image = _ribs(image, x, y, z, wide, deep)
    if z < 12:
        for side in (-1, 1):
            blade = capsule((x, y), (side * 9.5, 8.6), (side * (13.4 - 0.12 * z), 3.4 + 0.2 * z), 0.32, 0.42)
            image = _bone(image, np.minimum(blade, body - 0.9), 0.18)
    # The table under the body: a thin curved shell.
    table = 0.28 - np.abs(y - (13.1 - 0.008 * x * x))
    image = _blend(image, np.minimum(table, 17.5 - np.abs(x)), -480.0)
    return _scanned(image, name, z, noise)


def _ribs(image, x, y, z, wide, deep):
    """Ribs run down and forward, so each slice cuts several of them as short ovals in the chest wall."""
    a, b = wide - 1.9, deep - 1.7
    wall = 0.36 - np.abs(ellipse(x, y, 0, 0.6, a, b))
    # Height of the rib cage at this place: the front hangs 9 cm lower than the back.
    phase = (z + 9.0 * (y - 9.0) / 18.0) / 2.5 + 0.18 * np.abs(x) / 10
    along = np.abs(phase - np.floor(phase) - 0.5)
    piece = np.minimum(wall, (0.27 - along) * 2.6)
    return _bone(image, np.minimum(piece, np.abs(x) - 1.8), 0.16)


def _scanned(image, name, z, noise):
    """Blur of the reconstruction, then noise: more inside the body than in the air around it."""
    image = soften(image)
    amount = np.where(image > -940.0, noise, 0.45 * noise)
    return image + amount * grain(image.shape, f"{name} {z:.3f}")


def stored(hu):
    """Stored values for Rescale Slope 1, Rescale Intercept -1024, 12 bits unsigned."""
    return np.clip(np.rint(hu) + 1024, 0, 4095).astype(np.uint16)
