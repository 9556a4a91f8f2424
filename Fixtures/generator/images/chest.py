"""A chest radiograph, PA and lateral: lungs, ribs, heart, clavicles, spine, diaphragm, vessels."""

from dataclasses import dataclass

import numpy as np

from ..identifiers import generator
from .radiograph import collimate, expose, mark, stored
from .shapes import bone, curve, edge, ellipse, grid, lattice_noise, smooth, solid, tube


@dataclass(frozen=True)
class Build:
    """What differs from person to person; 1.0 is average."""

    name: str
    width: float = 1.0
    heart: float = 1.0
    depth: float = 1.0


def _outline(y, build):
    """Half width of the trunk at height y (cm)."""
    knots_y = [-24, -19.5, -17.5, -15.5, -12, -4, 6, 14, 24]
    knots_x = [5.6, 6.2, 10.5, 17.0, 17.6, 16.2, 15.6, 15.4, 15.8]
    return build.width * np.interp(y, knots_y, knots_x)


def _vessels(x, y, hilum, side, name):
    """Lung vessels fanning out from one hilum, as bone-free soft tissue thickness."""
    random, total = generator(name), np.zeros(x.shape)
    for k in range(15):
        across = side * (2.0 + random.integers(0, 70) / 10)
        along = -9.5 + 18.0 * k / 14
        bend = random.integers(-12, 13) / 10
        end = (hilum[0] + across, hilum[1] + along)
        middle = ((hilum[0] * 0.55 + end[0] * 0.45), hilum[1] * 0.5 + end[1] * 0.5 + bend)
        points = curve([hilum, middle, end], 6)
        radii = [0.34 - 0.27 * i / (len(points) - 1) for i in range(len(points))]
        total = np.maximum(total, solid(tube(x, y, points, radii), 0.34))
        twig = (end[0] + side * 0.4, middle[1] + (1.6 if k % 2 else -1.6))
        total = np.maximum(total, solid(tube(x, y, [middle, twig], [0.17, 0.06]), 0.2))
    return total


def _ribs(x, y, build):
    total = np.zeros(x.shape)
    for k in range(10):
        top = -15.2 + 2.75 * k
        reach = build.width * min(7.0 + 2.6 * k, 14.2)
        for side in (-1, 1):
            back = [
                (side * 2.0, top),
                (side * reach * 0.5, top - 0.4),
                (side * reach * 0.86, top + 1.3),
                (side * reach, top + 3.4),
            ]
            front = [(side * reach, top + 3.4), (side * reach * 0.84, top + 6.1), (side * reach * 0.46, top + 7.4)]
            total = total + bone(tube(x, y, curve(back), 0.62), 0.62, 0.16)
            if k < 7:
                total = total + 0.6 * bone(tube(x, y, curve(front), 0.6), 0.6, 0.14)
    return total


def _spine(x, y, centre_x=0.0, half_width=1.75):
    total = np.zeros(x.shape)
    for k in range(18):
        cy = -23.0 + 2.65 * k
        box = np.minimum(half_width - np.abs(x - centre_x), 1.12 - np.abs(y - cy))
        total = total + bone(box, 1.1, 0.2) + 0.5 * bone(ellipse(x, y, centre_x, cy + 0.5, 0.4, 0.8), 0.4, 0.15)
    return total


def pa(build: Build, rows=672, columns=608, spacing=0.066):
    """The PA view, patient's right on the image's left. 12 bits; spacing in cm."""
    x, y = grid(rows, columns, spacing)
    half = _outline(y, build)
    trunk = np.clip(1.0 - (x / half) * (x / half), 0.0, None)
    thickness = 17.0 * build.depth * np.sqrt(trunk) * np.interp(y, [-24, -16, 0, 24], [0.62, 0.72, 0.86, 1.05])

    dome = np.where(x < 0, 9.0, 10.3) + 0.052 * (np.abs(x) - 7.0) * (np.abs(x) - 7.0)
    inner = np.interp(y, [-17, -12, -2, 6, 12], [3.0, 2.6, 2.3, 2.6, 3.2])
    outer = build.width * np.interp(y, [-17, -14, -9, 0, 8, 14], [4.8, 8.6, 11.4, 13.2, 13.9, 13.6])
    apex = y + 16.6 - 0.14 * (np.abs(x) - 5.0) * (np.abs(x) - 5.0)
    inside = np.minimum(np.minimum(np.abs(x) - inner, outer - np.abs(x)), np.minimum(dome - y, apex))
    lungs = smooth(inside, -0.15, 4.5) * 0.55 + smooth(inside, -0.1, 0.5) * 0.45

    heart = np.maximum(
        ellipse(x, y, 2.9 * build.heart, 5.0, 6.6 * build.heart, 4.6, 0.6),
        ellipse(x, y, -1.9, 4.4, 2.9 * build.heart, 4.6),
    )
    aorta = np.maximum(ellipse(x, y, 2.0, -6.6, 1.7, 1.8), tube(x, y, [(1.4, -6), (1.9, 2), (1.5, 12)], 1.15))
    soft = 4.2 * smooth(heart, -0.1, 0.7) + 3.2 * build.heart * smooth(heart, 0.3, 3.4) + 1.7 * smooth(aorta, -0.1, 0.9)
    windpipe = (
        tube(x, y, [(0.1, -24), (0.1, -9.2)], 0.85),
        tube(x, y, [(0.1, -9.2), (-2.6, -5.6)], 0.6),
        tube(x, y, [(0.1, -9.2), (3.0, -5.0)], 0.55),
    )
    air = sum(solid(t, 0.9) for t in windpipe) + 4.0 * edge(ellipse(x, y, 6.4, 12.6, 2.9, 1.5), 0.5)
    vessels = _vessels(x, y, (-2.9, -3.2), -1, build.name + " right") + _vessels(
        x, y, (3.2, -4.0), 1, build.name + " left"
    )
    texture = 0.5 * (lattice_noise((x, y), 0.55, build.name + " lung") - 0.5)

    water = (
        thickness - lungs * (10.4 * build.depth - soft - texture) * (thickness > 0) + lungs * vessels * 0.9 - 1.1 * air
    )
    bones = _ribs(x, y, build) + 0.8 * _spine(x, y) * edge(y + 24, 0.5)
    for side in (-1, 1):
        clavicle = curve([(side * 1.7, -13.6), (side * 5.5, -14.5), (side * 10, -16.0), (side * 14.6, -16.6)])
        scapula = curve([(side * 14.4, -14.5), (side * 12.6, -8.5), (side * 13.2, -2.6)])
        blade = np.minimum(ellipse(x, y, side * 14.6, -9, 2.6, 7.2), half - np.abs(x) + 2)
        bones = (
            bones + 1.15 * bone(tube(x, y, clavicle, 0.72), 0.72, 0.2) + 0.5 * bone(tube(x, y, scapula, 0.3), 0.3, 0.1)
        )
        bones = (
            bones + 0.16 * edge(blade, 0.6) + bone(ellipse(x, y, side * 17.4, -15.4, 2.3, 2.5), 2.3, 0.25) * (trunk > 0)
        )
    image = expose(water, bones * (thickness > 0), build.name + " pa", gain=112.0)
    image = mark(image, x, y, "R", (-17.6, -19.5))
    return stored(collimate(image, (14, 12, 18, 10)))


def lateral(build: Build, rows=672, columns=560, spacing=0.066, marker="L"):
    """The left lateral view, the person facing the image's left."""
    x, y = grid(rows, columns, spacing)
    front = np.interp(y, [-24, -19, -14, -4, 6, 14, 24], [-3.5, -5.0, -8.4, -11.4, -12.4, -12.2, -11.8]) * build.depth
    back = np.interp(y, [-24, -19, -12, -4, 6, 14, 24], [5.2, 7.2, 11.4, 12.8, 12.2, 11.0, 10.6])
    centre, half = (front + back) / 2, (back - front) / 2
    body = np.clip(1.0 - ((x - centre) / half) * ((x - centre) / half), 0.0, None)
    thickness = 27.0 * build.width * np.sqrt(body) * np.interp(y, [-24, -17, -8, 24], [0.55, 0.95, 0.86, 0.9])

    spine_x = np.interp(y, [-24, -14, -2, 10, 24], [2.2, 6.2, 8.4, 7.6, 4.8])
    dome = 8.8 + 0.055 * (x + 2.5) * (x + 2.5) + 0.28 * (x + 2.5) * (x > -2.5)
    second = dome + 1.0
    inside = np.minimum(np.minimum(x - front - 2.2, spine_x + 2.6 - x), np.minimum(0.45 * (y + 17.5), dome - y))
    deeper = np.minimum(np.minimum(x - front - 2.4, spine_x + 2.2 - x), np.minimum(0.45 * (y + 16.5), second - y))
    lungs = 0.5 * smooth(inside, -0.1, 2.6) + 0.5 * smooth(deeper, -0.1, 3.0)
    heart = ellipse(x, y, -5.0, 4.6, 6.0 * build.heart, 4.6, 0.55)
    arch = tube(x, y, curve([(-1.5, -1), (-1.8, -6), (1.2, -8.4), (4.2, -6), (5.2, 2), (5.2, 10)]), 1.2)
    windpipe = solid(tube(x, y, [(-0.6, -22), (1.0, -6.6)], 0.85), 0.9) + solid(ellipse(x, y, 1.2, -5.2, 0.7, 0.7), 0.7)
    texture = lattice_noise((x, y), 0.6, build.name + " lateral") - 0.5
    hila = solid(ellipse(x, y, 0.4, -3.2, 2.2, 1.6), 1.4) + texture
    water = (
        thickness
        - lungs
        * (
            17.5
            - 4.0 * smooth(heart, -0.2, 0.9)
            - 5.0 * smooth(heart, 0.2, 3.2)
            - 1.6 * smooth(arch, -0.1, 0.8)
            - 0.7 * hila
        )
        - 1.2 * windpipe
    )

    bones = np.zeros(x.shape)
    for k in range(17):
        cy = -22.5 + 2.75 * k
        cx = np.interp(cy, [-24, -14, -2, 10, 24], [2.2, 6.2, 8.4, 7.6, 4.8])
        box = np.minimum(1.55 - np.abs(x - cx), 1.2 - np.abs(y - cy - 0.06 * (x - cx)))
        bones = (
            bones
            + 1.2 * bone(box, 1.2, 0.2)
            + 0.7 * bone(tube(x, y, [(cx + 1.8, cy), (cx + 3.9, cy + 1.5)], 0.4), 0.4, 0.12)
        )
    for k in range(9):
        top = -13.0 + 2.7 * k
        for shift in (0.0, 0.7):
            rib = curve(
                [
                    (9.6 + shift * 0.4, top),
                    (6.0, top + 1.6 + shift),
                    (-1.5, top + 5.4 + shift),
                    (-8.0, top + 7.6 + shift),
                ]
            )
            bones = bones + 0.42 * bone(tube(x, y, rib, 0.5), 0.5, 0.13)
    sternum = curve([(-7.4, -12.2), (-9.4, -6), (-10.5, 2.5)])
    bones = bones + 1.1 * bone(tube(x, y, sternum, 0.55), 0.55, 0.15)
    image = expose(water, bones * (thickness > 0), build.name + " lateral", gain=82.0)
    image = mark(image, x, y, marker, (-15.2, -19.5))
    return stored(collimate(image, (16, 10, 14, 18)))
