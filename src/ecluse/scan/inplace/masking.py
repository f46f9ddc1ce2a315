"""A document with surrogates in the place of what was found, in the form that it had.

Law: what is found in the document as our own reader reads it is replaced wherever it stands in the package; then the
document that was made is read again, and a value that is still in it refuses: nothing is written. A part that cannot be
masked (a picture, an embedded file, a program) refuses too, unless it was said that it goes or that it stays.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ecluse.domain.finding import MASKED_FORM, Classification, DataClass, Finding
from ecluse.domain.masking import MaskingStyle
from ecluse.domain.request import Message, Request, Role, Slot, SlotPath, Surface, TextPart
from ecluse.domain.snapshot import Detector
from ecluse.domain.vault import Vault
from ecluse.passage.classify import classify
from ecluse.passage.mask import Masked, mask
from ecluse.scan.found import SAYS, Reading
from ecluse.scan.inplace.blank import blank
from ecluse.scan.inplace.checking import leaks
from ecluse.scan.inplace.markup import Node
from ecluse.scan.inplace.package import Entry, NotInPlace, opened, written
from ecluse.scan.inplace.pieces import Flow, Part, Piece, read
from ecluse.scan.reading import Reader

_WORDLESS = re.compile(r"(?:^|/)mimetype$|\.(?:odttf|fntdata)$")
"""Parts without words: the kind of a package, fonts."""
_LISTS = ("[Content_Types].xml", "META-INF/manifest.xml", "manifest.rdf")
"""Parts that list the others: nobody wrote in them, so nothing is detected there; values are searched all the same.
"""
_PATH = "messages/0/parts/"


class Unmaskable(StrEnum):
    """What becomes of a part that cannot be masked."""

    REFUSE = "refuse"
    EMPTY = "empty"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A masked document. `unmaskable` are the parts that were emptied or left, with the reason."""

    data: bytes = field(repr=False)
    vault: Vault
    classes: frozenset[DataClass]
    cover: frozenset[DataClass]
    generalised: int = 0
    unmaskable: Sequence[tuple[str, str]] = ()
    labels: int = 0


def masked(
    name: str, data: bytes, reader: Reader, detector: Detector, key: bytes, style: MaskingStyle,
    unmaskable: Unmaskable = Unmaskable.REFUSE,
) -> Made:  # fmt: skip
    """Return a document of Office or OpenDocument with its texts masked.

    Raises:
        NotInPlace: It cannot be read whole, or a value cannot be replaced, or is still in what was made.
        GatewayError: A text cannot be searched, or a value stands where it cannot be replaced.
        ReaderFailed: The process that reads documents does not start.
    """
    reading = reader.read(name, data)
    entries = opened(data)
    parts = {entry.name: read(entry) for entry in entries if entry.is_markup}
    draft = _Draft(parts, reading, detector)
    found = draft.classification
    cover = frozenset(MASKED_FORM) & found.classes
    hidden = mask(draft.request, found, cover=cover, key=key, style=style)
    opaque = _opaque(name, entries, reading, draft.touched(hidden))
    if opaque and unmaskable is Unmaskable.REFUSE:
        raise NotInPlace(
            "; ".join(f"{part}: {why}" for part, why in opaque.items())
            + ": these parts cannot be masked. --even-if-unread empties them, --leave-unread leaves them as they are"
        )
    texts = draft.texts(hidden)
    made = tuple(
        parts[entry.name].written(texts.get(entry.name, {}))
        if entry.is_markup
        else blank(entry) if entry.name in opaque and unmaskable is Unmaskable.EMPTY else entry
        for entry in entries
    )  # fmt: skip
    result = written(made)
    left = leaks(name, result, made, hidden, reader, frozenset(opaque if unmaskable is Unmaskable.LEAVE else ()))
    if left:
        raise NotInPlace(
            f"a value is still in {', '.join(left)}, where none can be masked (a number, a name that programs need)"
        )
    return Made(
        data=result,
        vault=hidden.vault,
        classes=found.classes,
        cover=cover,
        generalised=hidden.generalised,
        unmaskable=tuple(opaque.items()),
        labels=len(reading.labels),
    )


class _Draft:
    """The texts of a document as one request: its pieces, then what the reader reads otherwise than they say it."""

    def __init__(self, parts: Mapping[str, Part], reading: Reading, detector: Detector) -> None:
        self._pieces: list[tuple[str, Piece]] = [(name, piece) for name, part in parts.items() for piece in part.pieces]
        first = 0
        texts: list[str] = []
        findings: list[Finding] = []
        detected: list[Classification] = []
        for part in parts.values():
            for flow in (part.flow, part.behind):
                texts.append(flow.text.strip())
                if part.entry.name in _LISTS:
                    continue
                one = classify(detector, (Slot(path=SlotPath(part.entry.name), text=flow.text),))
                detected.append(one)
                findings += (f for finding in one.findings for f in _placed(finding, flow, part.pieces, first))
            findings += (
                _person(first + n, piece) for n, piece in enumerate(part.pieces) if piece.person and piece.text.strip()
            )
            first += len(part.pieces)
        known = frozenset(texts)
        self._read = [
            said
            for said in reading.parts
            if said.text.strip() not in known and not said.path.partition("#")[0].endswith(_LISTS)
        ]
        for n, said in enumerate(self._read):
            slot = Slot(path=SlotPath(f"{_PATH}{first + n}"), text=said.text)
            detected.append(classify(detector, (slot,)))
            findings += detected[-1].findings
        self.classification = Classification(
            findings=tuple(dict.fromkeys(findings)),
            unreadable=tuple(path for one in detected for path in one.unreadable),
            detector=detected[0].detector if detected else "",
        )
        told = [piece.text for _, piece in self._pieces] + [part.text for part in self._read]
        message = Message(role=Role.USER, parts=tuple(TextPart(text=text) for text in told))
        self.request = Request(surface=Surface.CHAT, model="", messages=(message,))

    def texts(self, hidden: Masked) -> Mapping[str, Mapping[Node, str]]:
        """Return what each part has in the place of what."""
        found: dict[str, dict[Node, str]] = {}
        for n, (name, piece) in enumerate(self._pieces):
            exchanged = hidden.written.get(SlotPath(f"{_PATH}{n}"))
            if exchanged is not None:
                found.setdefault(name, {}).update(piece.texts(exchanged.exchanges()))
        return found

    def touched(self, hidden: Masked) -> frozenset[str]:
        """Return the paths of the reader's own texts in which a value stands."""
        first = len(self._pieces)
        return frozenset(
            part.path for n, part in enumerate(self._read) if SlotPath(f"{_PATH}{first + n}") in hidden.written
        )


def _placed(finding: Finding, flow: Flow, pieces: Sequence[Piece], first: int) -> Iterator[Finding]:
    """Yield a finding of a flow for each piece that it touches."""
    for begin, piece in flow.places:
        text = pieces[piece].text
        start, end = max(finding.start - begin, 0), min(finding.end - begin, len(text))
        if start < end and text[start:end].strip():
            yield Finding(
                slot=SlotPath(f"{_PATH}{first + piece}"),
                start=start,
                end=end,
                kind=finding.kind,
                data_class=finding.data_class,
                confidence=finding.confidence,
                recogniser=finding.recogniser,
                evidence=finding.evidence,
                maskable=finding.maskable,
            )


def _person(n: int, piece: Piece) -> Finding:
    start = len(piece.text) - len(piece.text.lstrip())
    return Finding(
        slot=SlotPath(f"{_PATH}{n}"),
        start=start,
        end=len(piece.text.rstrip()),
        kind="person",
        data_class=DataClass.PERSONAL,
        confidence=1.0,
        recogniser="document_author",
        evidence="stands where a document names who wrote it",
    )


def _opaque(name: str, entries: Sequence[Entry], reading: Reading, touched: frozenset[str]) -> dict[str, str]:
    """Return the parts that cannot be masked and why. Raises NotInPlace if one of them holds the document's texts."""
    found: dict[str, str] = {}
    others = [entry.name for entry in entries if not entry.is_markup and not _WORDLESS.search(entry.name)]
    for one in reading.unread:
        part = _part_of(one.path, name, others)
        if part is None:
            raise NotInPlace(f"{one.path} is not read: {SAYS[one.why][0]}; nothing can be masked that is not read")
        found[part] = SAYS[one.why][0]
    for path in sorted(touched):
        if (part := _part_of(path, name, others)) is not None:
            found[part] = "a value was read in it"
        elif "#file[" in path:
            raise NotInPlace(f"{path} is a file inside the mark-up in which a value stands: take it out")
    return found


def _part_of(path: str, name: str, others: Sequence[str]) -> str | None:
    fitting = (
        one for one in others if path == f"{name}/{one}" or path.startswith((f"{name}/{one}/", f"{name}/{one}#"))
    )
    return max(fitting, key=len, default=None)
