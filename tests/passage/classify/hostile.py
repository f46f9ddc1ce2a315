"""Hostile texts, and the law that any text is held to.

`made(seed)` mutates the recognisers' own fixtures by chance, the same text for the same seed.
"""

import base64
import random
import time
import unicodedata
from collections.abc import Callable
from urllib.parse import quote

from ecluse.domain.request import Role, Slot, SlotPath
from ecluse.packs import dictionaries, weights
from ecluse.passage.classify import Engine, built_in, engine
from ecluse.passage.classify.tagger import Tagger, Weights
from tests.passage.classify.texts import BETWEEN, PROSE, fixtures

SLOWEST = 2.0
"""CPU seconds of a text of a few thousand characters, on a machine that does other things too."""
_AGAIN = 16
"""One text in so many is searched twice."""
SIGNS = (
    "\u0301\u0300\u200b\u200d\u00ad\u202e\u2066\u2069\ufeff\ud800\udfff\x00\x7f\x85\u2028\u0660\u0967\uff11\u216b\u01c4"
    "\U000e0041\U0001f1eb\u0430\u03bf\u0131\u0149\u1e9e\ufdfa\u3000\\%&;=@:/'\"`{}[]()<>|~^$#+-_.,!?*\r\n\t"
)
DISGUISES: tuple[Callable[[str], str], ...] = (
    lambda s: quote(s.encode("utf-8", "surrogatepass"), safe=""),
    lambda s: base64.b64encode(s.encode("utf-8", "surrogatepass")).decode(),
    lambda s: s.encode("utf-8", "surrogatepass").hex(),
    lambda s: "".join(f"\\u{ord(c) & 0xFFFF:04x}" for c in s),
    lambda s: "".join(f"&#{ord(c)};" for c in s),
    " ".join,
    "\u200b".join,
    lambda s: unicodedata.normalize("NFD", s),
    lambda s: s[::-1],
    str.upper,
    str.swapcase,
    lambda s: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in s),
)


def made(seed: int) -> str:
    """Return a text: mostly a line or two, now and then a flood, at most 3,000 characters."""
    draw = random.Random(seed)  # noqa: S311 - a seed, so that what failed fails again
    pieces = [_piece(draw) for _ in range(draw.choice((1, 1, 1, 2, 2, 3)))]
    text = draw.choice(BETWEEN).join(pieces)
    for _ in range(draw.randint(0, 3)):
        at = draw.randint(0, len(text))
        text = text[:at] + draw.choice(SIGNS) * draw.choice((1, 1, 2, 40)) + text[at + draw.randint(0, 3) :]
    return text[:3_000]


_FLOODS, _SHORT = 0.05, 100


def _piece(draw: random.Random) -> str:
    piece = draw.choice(fixtures() if draw.random() < 0.8 else PROSE)
    if draw.random() < 0.4:
        start = draw.randint(0, len(piece))
        piece = piece[start : draw.randint(start, len(piece))]
    for _ in range(draw.choice((0, 0, 0, 1, 1, 2))):
        piece = draw.choice(DISGUISES)(piece[:600])
    return piece * (draw.choice((2, 5, 40)) if draw.random() < _FLOODS and len(piece) < _SHORT else 1)


class Law:
    """Whatever a text holds, its findings lie in it, twice the same, soon; what is searched raises nothing."""

    def __init__(self, found: Engine) -> None:
        self._engine = found
        self._asked = 0

    def __call__(self, text: str) -> None:
        """Raise AssertionError where a text breaks the law."""
        cut = len(text) if self._asked % 2 else len(text) // 2
        slots = tuple(
            Slot(path=SlotPath(f"messages/{n}/parts/0"), text=said, role=Role.USER)
            for n, said in enumerate((text[:cut], text[cut:]))
        )
        sizes = {slot.path: len(slot.text) for slot in slots}
        began = time.process_time()
        found = self._engine.classify(slots)
        assert time.process_time() - began < SLOWEST, "it takes too long"
        for finding in found.findings:
            assert 0 <= finding.start < finding.end <= sizes[finding.slot], f"{finding.recogniser} lies outside"
            assert 0.5 <= finding.confidence <= 1, f"{finding.recogniser} is not sure as numbers go"
        if self._asked % _AGAIN == 0:
            assert found == self._engine.classify(slots), "twice is not the same"
        self._asked += 1


def cascade() -> Engine:
    """Compile what ships."""
    return engine(built_in().values(), dictionaries.load(), Tagger(Weights.of(weights.load())))
