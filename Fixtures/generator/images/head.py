"""A head in three dimensions as tissue fractions, shown as CT (HU) or as MR contrasts."""

import numpy as np

from .shapes import capsule, edge, ellipsoid, grain, grid, lattice_noise, smooth, soften

HU = dict(air=-1000.0, fat=-80.0, muscle=50.0, bone=1050.0, csf=7.0, grey=39.0, white=29.0, eye=12.0, lesion=20.0)

# Relative signal, 0...1000; the lesion is a fresh small infarct: bright on DWI, dark on ADC.
SIGNAL = {
    "T1": dict(air=6, fat=900, muscle=360, bone=60, csf=110, grey=430, white=600, eye=120, lesion=380),
    "T2": dict(air=6, fat=560, muscle=180, bone=50, csf=950, grey=520, white=390, eye=930, lesion=680),
    "FLAIR": dict(air=6, fat=480, muscle=210, bone=50, csf=80, grey=500, white=380, eye=110, lesion=760),
    "B0": dict(air=5, fat=70, muscle=130, bone=30, csf=900, grey=480, white=360, eye=860, lesion=560),
    "B1000": dict(air=5, fat=25, muscle=60, bone=15, csf=70, grey=230, white=260, eye=60, lesion=640),
    # In 10^-6 mm²/s.
    "ADC": dict(air=0, fat=0, muscle=0, bone=0, csf=2900, grey=850, white=760, eye=2700, lesion=420),
}


def tissues(x, y, z, name, lesion=False):
    """Fraction of each tissue at places in cm: x to the patient's left, y to the back, z up from the middle."""
    fractions = {"air": np.ones(x.shape)}

    def put(tissue, distance, width=0.2):
        part = edge(distance, width)
        for other in fractions:
            fractions[other] = fractions[other] * (1.0 - part)
        fractions[tissue] = fractions.get(tissue, 0.0) + part

    skin = ellipsoid(x, y, z, (0, 0, 0), (7.7, 9.6, 9.0))
    face = ellipsoid(x, y, z, (0, -1.6, -7.0), (5.6, 6.6, 6.6))
    neck = np.maximum(face, capsule((x, y, z), (0, 1.8, -5.0), (0, 3.6, -16.0), 5.4, 4.8))
    put("fat", np.maximum(skin, neck))
    put("muscle", np.maximum(skin, neck) - 0.35)
    put("bone", ellipsoid(x, y, z, (0, 0.15, 0.1), (7.05, 8.95, 8.4)))
    inside = ellipsoid(x, y, z, (0, 0.2, 0.3), (6.4, 8.2, 7.6))
    # Below the skull base the face and the neck take the place of the brain.
    base = z + 4.4 + 0.32 * (y < 0) * -y * 0.4
    fold = lattice_noise((x, y, z), 1.15, name + " folds")
    put("csf", np.minimum(inside, base))
    brain = np.minimum(inside - 0.22, base - 0.25)
    sulcus = (fold - 0.63) * 4.2 - np.clip(brain - 0.6, 0, None) * 1.1
    put("grey", brain)
    put("csf", np.minimum(sulcus, brain), 0.3)
    put("white", brain - 0.55 - 1.25 * np.abs(fold - 0.45) * 2.0, 0.3)
    for side in (-1, 1):
        put("grey", ellipsoid(x, y, z, (side * 1.5, 0.4, 0.0), (0.95, 1.7, 1.1)), 0.3)
        put("grey", ellipsoid(x, y, z, (side * 2.7, -0.4, 0.2), (0.7, 2.1, 1.3)), 0.3)
        put("csf", capsule((x, y, z), (side * 0.8, -3.1, 1.4), (side * 1.5, 2.6, 2.0), 0.62, 0.85))
        put("csf", capsule((x, y, z), (side * 1.5, 2.6, 2.0), (side * 2.4, 4.8, 0.4), 0.8, 0.35))
        put("csf", capsule((x, y, z), (side * 1.9, 2.6, 1.4), (side * 3.2, 0.2, -2.2), 0.5, 0.3))
    put("csf", np.minimum(0.22 - np.abs(x), ellipsoid(x, y, z, (0, 0.2, 0.2), (1, 1.7, 1.1))), 0.15)
    put(
        "csf",
        np.minimum(0.12 - np.abs(x), np.minimum(inside - 0.1, np.maximum(-4.0 - y, np.maximum(y - 4.2, z - 4.0)))),
        0.12,
    )
    put("white", capsule((x, y, z), (0, 0.9, -1.6), (0, 1.8, -7.5), 1.45, 1.0), 0.3)
    cerebellum = np.minimum(ellipsoid(x, y, z, (0, 4.6, -4.1), (4.6, 2.9, 2.5)), inside - 0.2)
    put("grey", cerebellum, 0.3)
    put("white", cerebellum - 0.8 - 0.8 * np.abs(lattice_noise((x, y * 2.2, z * 2.2), 0.9, name + " folia") - 0.5), 0.3)
    put("csf", ellipsoid(x, y, z, (0, 3.0, -3.6), (0.75, 0.5, 1.0)))
    for side in (-1, 1):
        put(
            "bone",
            np.minimum(capsule((x, y, z), (side * 1.8, 1.0, -4.6), (side * 6.2, 2.2, -4.2), 0.9, 1.3), skin - 0.6),
        )
        put("air", ellipsoid(x, y, z, (side * 5.4, 3.0, -5.2), (0.8, 1.0, 1.0)))
        orbit = ellipsoid(x, y, z, (side * 3.2, -6.7, -4.3), (1.9, 2.3, 1.7))
        put("fat", np.minimum(orbit, skin - 0.15))
        put("eye", ellipsoid(x, y, z, (side * 3.2, -7.0, -4.3), (1.25, 1.25, 1.25)))
        put("air", ellipsoid(x, y, z, (side * 2.9, -5.6, -7.6), (1.4, 1.6, 1.5)))
    put("air", np.minimum(ellipsoid(x, y, z, (0, -5.4, -6.4), (1.0, 2.4, 2.6)), skin - 0.5))
    put("air", ellipsoid(x, y, z, (0.4, -8.15, -1.4), (2.0, 0.45, 1.0)))
    if lesion:
        put("lesion", np.minimum(ellipsoid(x, y, z, (3.9, 1.4, 1.6), (1.0, 1.3, 1.6)), brain), 0.3)
    return fractions


def axial(size, spacing, z):
    x, y = grid(size, size, spacing)
    return x, y, np.full(x.shape, float(z))


def sagittal(size, spacing, x):
    """The front of the head on the image's left."""
    y, down = grid(size, size, spacing)
    return np.full(y.shape, float(x)), y, -down - 0.8


def hu(places, name, noise=3.2, skull_hardening=9.0):
    """CT numbers, with the slight cupping that the skull causes, and the head rest."""
    x, y, _ = places
    parts = tissues(*places, name)
    image = sum(fraction * HU[tissue] for tissue, fraction in parts.items())
    inside = parts.get("grey", 0.0) + parts.get("white", 0.0)
    image = image + skull_hardening * inside * smooth(np.sqrt(x * x + y * y), 4.5, 8.0)
    rest = 0.3 - np.abs(y - (10.9 - 0.045 * x * x))
    shell = edge(np.minimum(rest, 8.5 - np.abs(x)), 0.2)
    image = soften(image * (1.0 - shell) + -300.0 * shell)
    amount = np.where(image > -940.0, noise, 0.5 * noise)
    return image + amount * grain(image.shape, f"{name} {float(places[2][0, 0]):.3f}")


def signal(places, name, contrast, lesion=False, noise=7.0, spoiled=0.0):
    """MR signal as stored (ADC: 10^-6 mm²/s); the coil sees its own side a little brighter."""
    x, y, z = places
    parts = tissues(*places, name, lesion)
    image = soften(sum(fraction * SIGNAL[contrast][tissue] for tissue, fraction in parts.items()))
    label = f"{name} {contrast} {float(x[0, 0]):.3f} {float(z[0, 0]):.3f}"
    if contrast == "ADC":
        background = smooth(
            parts.get("grey", 0.0) + parts.get("white", 0.0) + parts.get("csf", 0.0) + parts.get("lesion", 0.0),
            0.3,
            0.7,
        )
        return background * (image + 22.0 * grain(x.shape, label))
    image = image * (1.06 - 0.0016 * ((x - 2.0) * (x - 2.0) + (y - 3.0) * (y - 3.0)) * (1.0 - spoiled))
    real, imaginary = image + noise * grain(x.shape, label), noise * grain(x.shape, label + " imaginary")
    return np.sqrt(real * real + imaginary * imaginary)


def stored(image):
    """Whole numbers of 12 bits."""
    return np.clip(np.rint(image), 0, 4095).astype(np.uint16)
