"""From centimetres of tissue to a radiograph as shown: bone bright, air dark, noise, collimation, side marker."""

import numpy as np

from .shapes import edge, grain, soften, tube

MAXIMUM = 4095  # 12 bits stored

_GLYPHS = {
    "R": [[(0, 1), (0, 0), (0.5, 0), (0.65, 0.25), (0.5, 0.5), (0, 0.5)], [(0.25, 0.5), (0.65, 1)]],
    "L": [[(0, 0), (0, 1), (0.6, 1)]],
}


def expose(water, bone, name, gain=118.0, bone_factor=2.6, offset=180.0, noise=1.0):
    """Stored values from ray lengths in cm.

    The logarithm of the detector signal is linear in the length of the way, so stored values are too.
    Quantum noise of a logarithm grows with the square root of the attenuation.
    """
    path = np.clip(water + bone_factor * bone, 0.0, None)
    image = soften(offset + gain * path)
    sigma = noise * (1.2 + 0.55 * np.sqrt(path))
    return image + sigma * grain(image.shape, name)


def mark(image, x, y, letter, at, size=1.3):
    """Lays a lead letter at `at` (cm)."""
    for stroke in _GLYPHS[letter]:
        points = [(at[0] + px * size, at[1] + py * size) for px, py in stroke]
        image = np.maximum(image, 3900.0 * edge(tube(x, y, points, 0.09), 0.08))
    return image


def collimate(image, margins):
    """Blackens what lies outside the collimator blades; `margins` in pixels: left, right, top, bottom."""
    left, right, top, bottom = margins
    rows, columns = image.shape
    lit = np.zeros(image.shape, bool)
    lit[top : rows - bottom, left : columns - right] = True
    return np.where(lit, image, 8.0)


def stored(image):
    """Whole numbers of 12 bits."""
    return np.clip(np.rint(image), 0, MAXIMUM).astype(np.uint16)
