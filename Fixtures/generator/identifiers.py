"""UIDs and seeds, both derived from names so that every run makes the same ones."""

import hashlib

import numpy as np

# Written into every file meta group; also derived, so that it is ours and never changes.
IMPLEMENTATION_VERSION_NAME = "PRIORD_FIXTURES"


def _digest(name: str) -> bytes:
    return hashlib.sha256(("priord fixtures/" + name).encode("utf-8")).digest()


def uid(name: str) -> str:
    """A UID under 2.25 (PS3.5 B.2) from the first 128 bits of SHA-256 of `name`; at most 44 characters."""
    return "2.25." + str(int.from_bytes(_digest(name)[:16], "big"))


def generator(name: str) -> np.random.Generator:
    """The random numbers that belong to `name`.

    Only `integers` is drawn from it: the real-valued distributions use logarithms, whose last bit
    depends on the machine.
    """
    return np.random.Generator(np.random.PCG64(int.from_bytes(_digest(name)[16:24], "big")))


IMPLEMENTATION_CLASS_UID = uid("implementation")
