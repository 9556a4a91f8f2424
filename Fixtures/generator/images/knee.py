"""A knee radiograph, AP and lateral: femur, tibia, fibula, patella, the joint space, soft tissue."""

import numpy as np

from .radiograph import collimate, expose, mark, stored
from .shapes import bone, curve, ellipse, grid, lattice_noise, smooth, solid, tube


def ap(name, side, rows=560, columns=416, spacing=0.05):
    """The AP view. On a right knee the fibula (lateral) is on the image's left."""
    x, y = grid(rows, columns, spacing)
    lateral = -1.0 if side == "R" else 1.0
    u = x * lateral  # positive towards the fibula
    half = np.interp(y, [-14, -5, 0, 5, 14], [7.4, 6.3, 6.0, 5.9, 5.0])
    water = 11.0 * np.sqrt(np.clip(1.0 - (u / half) * (u / half), 0.0, None))

    shaft = tube(u, y, [(-0.4, -15), (-0.2, -7), (0.0, -4.2)], [1.45, 1.6, 2.6])
    femur = np.maximum(shaft, np.maximum(ellipse(u, y, -1.95, -2.5, 2.15, 2.35), ellipse(u, y, 1.95, -2.6, 2.1, 2.25)))
    femur = np.minimum(femur, -ellipse(u, y, 0.05, 0.1, 0.75, 1.6) + 0.05)
    plateau = np.minimum(3.95 - np.abs(u), np.minimum(y - 0.35, 3.6 - y - 0.35 * np.abs(u)))
    spines = np.maximum(
        tube(u, y, [(-0.45, 0.5), (-0.35, -0.15)], [0.3, 0.1]), tube(u, y, [(0.5, 0.5), (0.42, -0.05)], [0.3, 0.1])
    )
    tibia = np.maximum(
        np.maximum(plateau, spines), tube(u, y, [(-0.1, 3.4), (-0.2, 6.0), (-0.3, 15)], [2.7, 1.75, 1.3])
    )
    fibula = np.maximum(
        ellipse(u, y, 3.7, 3.3, 1.0, 1.15), tube(u, y, [(3.7, 3.3), (3.35, 6.5), (3.1, 15)], [0.8, 0.55, 0.55])
    )
    patella = ellipse(u, y, 0.15, -3.6, 2.1, 2.2)
    trabeculae = 0.10 * (lattice_noise((x * 2.2, y), 0.16, name + side + " trabeculae") - 0.5)

    bones = 1.1 * bone(femur, 2.0, 0.24) + 1.1 * bone(tibia, 1.9, 0.24) + bone(fibula, 0.9, 0.2)
    bones = bones + 0.42 * bone(patella, 1.2, 0.14)
    bones = bones + trabeculae * smooth(np.maximum(femur, tibia), 0.1, 0.6)
    image = expose(water, bones, name + side + " ap", gain=145.0, bone_factor=3.4)
    image = mark(image, x, y, side, (lateral * 8.6 - 0.4, -11.5), 1.0)
    return stored(collimate(image, (20, 22, 12, 12)))


def lateral(name, side, rows=560, columns=416, spacing=0.05):
    """The lateral view, slightly flexed, the patella on the image's left."""
    x, y = grid(rows, columns, spacing)
    front = np.interp(y, [-14, -6, -2, 3, 14], [-4.6, -5.3, -5.6, -4.7, -3.4])
    back = np.interp(y, [-14, -5, 0, 4, 14], [7.2, 5.4, 4.3, 5.2, 6.6])
    middle, half = (front + back) / 2, (back - front) / 2
    water = 10.5 * np.sqrt(np.clip(1.0 - ((x - middle) / half) * ((x - middle) / half), 0.0, None))

    shaft = tube(x, y, [(2.0, -15), (0.9, -7.5), (0.2, -4)], [1.45, 1.55, 2.2])
    outer, inner = ellipse(x, y, 0.6, -2.5, 2.95, 2.5, -0.2), ellipse(x, y, 0.95, -2.25, 2.75, 2.45, -0.2)
    femur = np.maximum(shaft, outer)
    plateau = np.minimum(np.minimum(x + 2.5, 3.2 - x), np.minimum(y - 0.55 - 0.05 * x, 3.4 - y))
    tibia = np.maximum(plateau, tube(x, y, [(0.4, 3.3), (0.3, 6), (1.2, 15)], [2.2, 1.6, 1.3]))
    tibia = np.maximum(tibia, ellipse(x, y, -1.9, 3.6, 0.8, 1.1))
    fibula = np.maximum(
        ellipse(x, y, 2.9, 3.6, 0.9, 1.1), tube(x, y, [(2.9, 3.6), (2.9, 8), (3.4, 15)], [0.7, 0.5, 0.5])
    )
    patella = ellipse(x, y, -3.75, -3.3, 2.15, 1.0, 4.0)
    tendon = solid(tube(x, y, curve([(-3.9, -1.4), (-3.4, 1.2), (-2.3, 3.4)]), 0.25), 0.25)
    trabeculae = 0.10 * (lattice_noise((x * 1.8, y), 0.16, name + side + " trabeculae lateral") - 0.5)

    bones = 1.0 * bone(femur, 2.0, 0.24) + 0.35 * bone(inner, 2.0, 0.2) + 1.1 * bone(tibia, 1.9, 0.24)
    bones = bones + 0.9 * bone(fibula, 0.8, 0.18) + bone(patella, 0.95, 0.2)
    bones = bones + trabeculae * smooth(np.maximum(femur, tibia), 0.1, 0.6)
    image = expose(water + 0.5 * tendon, bones, name + side + " lateral", gain=145.0, bone_factor=3.4)
    image = mark(image, x, y, side, (7.4, -11.5), 1.0)
    return stored(collimate(image, (24, 18, 12, 12)))
