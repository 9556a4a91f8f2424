"""What faults and controls there are, and on which bases each can be put."""

from dataclasses import dataclass


@dataclass
class Maker:
    """`make(draft, level, variant)` changes the draft and returns an Expectation; None when it does not fit after all."""

    name: str
    make: object
    needs: set
    excludes: set
    kinds: set
    levels: tuple
    variants: int
    # Judged without pixels, so that many can be judged quickly.
    headers_only: bool
    # On how many bases of each half at most.
    bases: int

    def fits(self, base) -> bool:
        tags = base.tags | {"kind:" + base.kind} | {"word:" + word for word in base.words}
        if base.count > 80 and not self.headers_only and self.name != "as-it-is":
            return False
        return self.needs <= tags and not (self.excludes & tags) and (not self.kinds or base.kind in self.kinds)


FAULTS: list[Maker] = []
CONTROLS: list[Maker] = []


def fault(name, needs=(), excludes=(), kinds=(), levels=("clear", "borderline"), variants=1, headers_only=False, bases=99):
    def register(make):
        FAULTS.append(Maker(name, make, set(needs), set(excludes), set(kinds), levels, variants, headers_only, bases))
        return make

    return register


def control(name, needs=(), excludes=(), kinds=(), variants=1, headers_only=False, bases=99):
    def register(make):
        CONTROLS.append(Maker(name, make, set(needs), set(excludes), set(kinds), ("clean",), variants, headers_only, bases))
        return make

    return register
