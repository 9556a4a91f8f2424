"""Pictures that are no anatomy: a test object and a workstation's screen."""

import numpy as np
from PIL import Image, ImageDraw

from .radiograph import collimate, expose, stored
from .shapes import ellipse, grid, solid


def step_wedge(name, rows=384, columns=384, spacing=0.06):
    """A step wedge, discs of falling contrast and line pairs, as a constancy test shows them. 12 bits."""
    x, y = grid(rows, columns, spacing)
    water = np.full(x.shape, 3.0)
    steps = np.floor((x + 9.0) / 2.0)
    water = water + np.where((np.abs(y + 6.5) < 1.6) & (np.abs(x) < 9.0), 1.2 * (steps + 1), 0.0)
    for k in range(6):
        water = water + 0.25 * (6 - k) * solid(ellipse(x, y, -7.5 + 3.0 * k, 0.0, 1.0, 1.0), 0.4)
    bars = np.zeros(x.shape)
    for k in range(5):
        period = 0.96 / (k + 1)
        lit = (x + 9.0) / period - np.floor((x + 9.0) / period) < 0.5
        bars = np.where((np.abs(y - 4.0 - 1.1 * k) < 0.45) & (np.abs(x) < 8.0) & lit, 4.0, bars)
    return stored(collimate(expose(water + bars, np.zeros(x.shape), name), (10, 10, 10, 10)))


def screen(width=480, height=320):
    """A screen shot of a viewer's work list: grey panels, lines instead of words, so no patient's data. RGB."""
    picture = Image.new("RGB", (width, height), (38, 44, 52))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, width, 25), fill=(24, 86, 140))
    draw.rectangle((10, 36, 150, height - 12), fill=(54, 61, 70))
    for row in range(13):
        top = 44 + row * 20
        draw.rectangle((18, top, 18 + 60 + (row * 37) % 58, top + 7), fill=(176, 184, 192))
        draw.rectangle((18, top + 10, 18 + 30 + (row * 23) % 50, top + 14), fill=(110, 120, 130))
    draw.rectangle((160, 36, width - 10, height - 12), fill=(10, 10, 12))
    draw.ellipse((212, 78, 418, 262), fill=(120, 120, 120))
    draw.ellipse((230, 104, 305, 232), fill=(20, 20, 20))
    draw.ellipse((325, 104, 400, 232), fill=(20, 20, 20))
    draw.ellipse((300, 218, 332, 248), fill=(230, 230, 230))
    draw.rectangle((170, 290, 300, 296), fill=(200, 190, 60))
    return np.asarray(picture, dtype=np.uint8)
