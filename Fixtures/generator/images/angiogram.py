"""A DSA run of the pelvic and thigh arteries: bones, then iodine running down the vessel tree frame by frame."""

import numpy as np

from .shapes import bone, curve, edge, ellipse, grain, grid, soften, solid, tube

# Name, points from the heart outwards (cm), radii in cm, time at which iodine enters (s), speed (cm/s).
_SIDES = (-1, 1)


def _tree():
    branches = [([(0.4, -13), (0.3, -9), (0.0, -6.2)], [0.85, 0.75], 0.0)]
    for side in _SIDES:
        branches += [
            ([(0, -6.2), (side * 1.6, -3.6), (side * 3.4, -1.0)], [0.5, 0.42], 0.35),
            ([(side * 3.4, -1.0), (side * 5.0, 1.6), (side * 5.6, 4.4)], [0.4, 0.36], 0.62),
            ([(side * 3.0, -1.6), (side * 2.8, 0.6), (side * 1.6, 2.8)], [0.26, 0.12], 0.62),
            ([(side * 2.8, 0.6), (side * 3.7, 2.4), (side * 3.4, 4.0)], [0.16, 0.07], 0.85),
            ([(side * 5.6, 4.4), (side * 6.6, 7.2), (side * 7.6, 11.0)], [0.27, 0.15], 1.0),
            ([(side * 5.6, 4.4), (side * 5.5, 8.6), (side * 4.6, 13.2)], [0.31, 0.26], 1.0),
            ([(side * 6.4, 6.6), (side * 8.0, 7.6), (side * 8.8, 9.8)], [0.14, 0.06], 1.25),
        ]
    return branches


def _bones(x, y):
    total = np.zeros(x.shape)
    for k in range(3):
        box = np.minimum(2.3 - np.abs(x), 1.45 - np.abs(y + 12 - 3.3 * k))
        total = total + bone(box, 1.4, 0.2)
    sacrum = np.minimum(ellipse(x, y, 0, -1.6, 3.3, 4.0), y + 4.6)
    total = total + 0.8 * bone(sacrum, 1.6, 0.2)
    for side in _SIDES:
        wing = np.minimum(ellipse(x, y, side * 6.6, -3.6, 4.4, 5.0, side * 0.35), -ellipse(x, y, 0, 0.2, 4.0, 4.6))
        ring = np.minimum(ellipse(x, y, side * 3.1, 5.2, 2.6, 2.4), -ellipse(x, y, side * 3.1, 5.4, 1.5, 1.2))
        head = np.maximum(
            ellipse(x, y, side * 7.6, 3.0, 2.2, 2.2),
            tube(x, y, [(side * 7.6, 3), (side * 10.2, 5.4), (side * 9.6, 14)], [1.5, 1.6, 1.35]),
        )
        total = total + 0.7 * bone(wing, 1.2, 0.2) + 0.6 * bone(ring, 0.8, 0.15) + 0.9 * bone(head, 1.6, 0.22)
    return total


def run(name, frames=12, frames_per_second=4, size=256, spacing=0.105):
    """`frames` × size × size stored values, 10 bits; frame 1 (before iodine) is the mask. Bright is little attenuation."""
    x, y = grid(size, size, spacing)
    body = (
        15.0 * np.sqrt(np.clip(1.0 - (x / 15.5) * (x / 15.5), 0.0, None))
        + 1.2 * solid(ellipse(x, y, -2.4, -0.4, 1.6, 1.1), 0.6) * -1
    )
    still = soften(body + 2.4 * _bones(x, y))
    vessels = []
    for points, radii, start in _tree():
        fine = curve(points, 5)
        steps = [radii[0] + (radii[1] - radii[0]) * i / (len(fine) - 1) for i in range(len(fine))]
        for i, (a, b) in enumerate(zip(fine, fine[1:])):
            vessels.append(
                (soften(solid(tube(x, y, [a, b], [steps[i], steps[i + 1]]), 0.9)), start + 0.35 * i / len(fine))
            )
    result = np.empty((frames, size, size), np.uint16)
    for frame in range(frames):
        time, iodine = (frame - 1) / frames_per_second, np.zeros(x.shape)
        for thickness, arrival in vessels:
            age = (time - arrival) / 0.45
            filling = float(np.clip(age, 0, 1)) - 0.75 * float(np.clip((time - arrival - 1.7) / 1.4, 0, 1))
            if frame and filling > 0:
                iodine = np.maximum(iodine, filling * thickness)
        image = 900.0 - 30.0 * still - 95.0 * iodine
        image = image + 2.2 * grain(image.shape, f"{name} frame {frame}")
        circle = edge(13.2 - np.sqrt(x * x + y * y), 0.15)
        result[frame] = np.clip(np.rint(circle * image), 0, 1023).astype(np.uint16)
    return result
