"""A mammogram of the right breast, CC and MLO: fat, a gland fanning out from the nipple, vessels, the pectoral muscle."""

import numpy as np

from ..identifiers import generator
from .radiograph import mark, stored
from .shapes import curve, ellipse, grain, grid, lattice_noise, smooth, soften, solid, tube


def view(name, projection, rows=640, columns=416, spacing=0.035):
    """`projection` is CC or MLO. The chest wall is on the image's right, as a right breast is hung."""
    x, y = grid(rows, columns, spacing)
    wall = (columns - 1) / 2 * spacing
    low = 1.2 if projection == "MLO" else 0.0
    outline = ellipse(x, y, wall + 0.6, low, 10.6, 8.2 if projection == "CC" else 8.8)
    thickness = smooth(outline, -0.05, 1.9)
    nipple = (wall - 9.6, low)

    gland = ellipse(x, y, wall - 5.6, low - 0.3, 4.0, 4.6)
    turned = (0.8 * x + 0.6 * y, 0.8 * y - 0.6 * x)
    clump = (
        lattice_noise((x, y), 1.1, name + projection) * 0.5
        + lattice_noise(turned, 0.7, name + projection + " fine") * 0.5
    )
    density = smooth(gland, -1.0, 2.4) * smooth(clump, 0.25, 0.8)
    image = 60.0 + thickness * (880.0 + 1350.0 * density + 120.0 * (clump - 0.5))

    random, strands = generator(name + projection + " ducts"), np.zeros(x.shape)
    for k in range(16):
        end = (nipple[0] + 4.5 + random.integers(0, 45) / 10, low - 5.2 + 10.4 * k / 15)
        bend = ((nipple[0] + end[0]) / 2, low + (end[1] - low) * 0.35 + random.integers(-4, 5) / 10)
        strands = np.maximum(strands, solid(tube(x, y, curve([nipple, bend, end], 5), 0.055), 0.1))
    image = (
        image
        + 950.0 * strands * thickness
        + 900.0 * smooth(ellipse(x, y, nipple[0] - 0.25, nipple[1], 0.4, 0.45), 0.0, 0.2)
    )
    if projection == "MLO":
        muscle = (x - wall) + 0.62 * (6.0 - y) - 1.0
        image = image + 1250.0 * smooth(muscle, 0.0, 0.7) * thickness
    image = soften(image)
    image = image + np.where(outline > 0, 5.0, 1.5) * grain(image.shape, name + projection)
    return stored(mark(image, x, y, "R", (-wall + 0.8, -rows / 2 * spacing + 1.0), 0.8))
