"""One document assessed: read, classified, masked by the product's own mask, then attacked.

Law: of the document itself nothing is kept but counts, and the folded names and facts that the comparison with the
others needs; its text goes as soon as it was attacked, unless examples were asked for.
"""

import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import MASKED_FORM, Classification, DataClass
from ecluse.domain.masking import MaskingStyle
from ecluse.domain.request import Message, Request, Role, Slot, Surface, TextPart, slots
from ecluse.domain.snapshot import Detector
from ecluse.passage.classify import classify
from ecluse.passage.mask import mask
from ecluse.scan.assess.attack import Known, Rest, neighbours, rests
from ecluse.scan.assess.linking import Record, record
from ecluse.scan.found import Reading, Unread

SECONDS = 60.0
"""Most time to classify one document."""
_TABLE = re.compile(r"\.(?:csv|tsv)(?:#\d+)?$|\.xls[xm]?#\w+(?:#\d+)?$", re.IGNORECASE)
_CSV = re.compile(r"\.(?:csv|tsv)(?:#\d+)?$", re.IGNORECASE)
_AROUND = 30
_DELIMITERS = ";,\t|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An example, only where it was asked for: where, what, and the masked text around it."""

    document: str
    sort: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """What a document adds to the counts. `fault` is the code of what kept it from being masked."""

    name: str
    type: str
    texts: int
    kinds: Counter[str]
    classes: frozenset[DataClass]
    unread: Sequence[Unread]
    fault: str = ""
    left: frozenset[DataClass] = frozenset()
    people: frozenset[str] = frozenset()
    rests: Sequence[Rest] = ()
    records: Sequence[Record] = ()
    neighbours: frozenset[str] = frozenset()
    shown: Sequence[Shown] = field(default=(), repr=False)


def assess(
    name: str, reading: Reading, detector: Detector, *, key: bytes, style: MaskingStyle, examples: bool = False
) -> Assessed:
    """Classify, mask and attack a document. What cannot be is told by `fault`, never taken for nothing found."""
    request = Request(
        surface=Surface.CHAT,
        model="",
        messages=(Message(role=Role.USER, parts=tuple(TextPart(text=part.text) for part in reading.parts)),),
    )
    held = slots(request)
    ends = time.monotonic() + SECONDS
    try:
        found = classify(detector, held, (), lambda: time.monotonic() > ends)
    except GatewayError as error:
        return _unmasked(name, reading, error.code, None)
    cover = frozenset(MASKED_FORM) & found.classes
    try:
        masked = mask(request, found, cover=cover, key=key, style=style)
    except GatewayError as error:
        return _unmasked(name, reading, error.code, found)
    texts = [part.text for part in masked.request.messages[-1].parts if isinstance(part, TextPart)]
    known = Known.of(_values(held, found, cover))
    left = [(text, list(rests(known, text))) for text in texts]
    paths = [part.path for part in reading.parts]
    return Assessed(
        name=name,
        type=reading.kind,
        texts=len(texts),
        kinds=Counter(finding.kind for finding in found.findings),
        classes=found.classes | _unread(reading),
        unread=reading.unread,
        left=found.classes - cover,
        people=frozenset(known.people),
        rests=[rest for _, one in left for rest in one],
        records=list(_records(paths, texts)),
        neighbours=frozenset[str]().union(*map(neighbours, texts)),
        shown=list(_shown(name, left)) if examples else (),
    )


def _unmasked(name: str, reading: Reading, fault: str, found: Classification | None) -> Assessed:
    values = found.findings if found else ()
    return Assessed(
        name=name,
        type=reading.kind,
        texts=len(reading.parts),
        kinds=Counter(finding.kind for finding in values),
        classes=(found.classes if found else frozenset({DataClass.UNREADABLE})) | _unread(reading),
        unread=reading.unread,
        fault=fault,
    )


def _unread(reading: Reading) -> frozenset[DataClass]:
    return frozenset({DataClass.UNREADABLE}) if reading.unread else frozenset()


def _values(held: Sequence[Slot], found: Classification, cover: frozenset[DataClass]) -> Iterator[tuple[str, str]]:
    texts = {slot.path: slot.text for slot in held}
    for finding in found.findings:
        if finding.data_class in cover:
            yield finding.kind, texts[finding.slot][finding.start : finding.end]


def _records(paths: Sequence[str], texts: Sequence[str]) -> Iterator[Record]:
    """Yield the rows of tables, each by itself, and all else together."""
    rest: list[str] = []
    for path, text in zip(paths, texts, strict=True):
        if _TABLE.search(path):
            for row in _rows(text, csv=_CSV.search(path) is not None):
                yield record(row)
        else:
            rest.append(text)
    if rest:
        yield record("\n".join(rest))


def _rows(text: str, *, csv: bool) -> Iterator[str]:
    lines = [line for line in text.splitlines() if line.strip()]
    if not csv:
        yield from lines[1:]
        return
    first = lines[0] if lines else ""
    delimiter = max(_DELIMITERS, key=first.count)
    heads = [head.strip(' "') for head in first.split(delimiter)]
    for line in lines[1:]:
        cells = [cell.strip(' "') for cell in line.split(delimiter)]
        named = zip(heads, cells, strict=False)
        yield "\t".join(f"{head}: {cell}" for head, cell in named)


def _shown(name: str, left: Sequence[tuple[str, Sequence[Rest]]]) -> Iterator[Shown]:
    for text, found in left:
        for rest in found:
            around = text[max(0, rest.start - _AROUND) : rest.end + _AROUND]
            yield Shown(document=name, sort=rest.sort, text=" ".join(around.split()))
