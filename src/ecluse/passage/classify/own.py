"""The detector of one organisation: what ships, with the organisation's own entries beside it.

Law: it only adds. Every finding of the detector beneath stays as it is; an own finding may lie over it. What cannot be
searched raises, as everywhere.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import Classification, Finding
from ecluse.domain.request import Slot, SlotPath
from ecluse.domain.snapshot import Detector, Memory, never
from ecluse.passage.classify.engine import Engine
from ecluse.passage.classify.entries import PREFIX, Entry, recogniser_of, source_of
from ecluse.passage.classify.prints import Print, known_values, known_words, tokens
from ecluse.passage.classify.recogniser import Recogniser
from ecluse.passage.classify.resolve import Claim

REVISION = 1


class _Hashes(NamedTuple):
    values: Mapping[bytes, frozenset[str]]
    lengths: frozenset[int]
    words: Mapping[bytes, frozenset[str]]


class _Told(NamedTuple):
    spans: tuple[tuple[str, Print], ...]


class OwnDetector:
    """Implements `domain.snapshot.Detector` over another one."""

    def __init__(self, beneath: Detector, entries: Sequence[Entry], key: bytes = b"") -> None:
        """Compile the entries. Raises ValueError when one is hashed and there is no key, or two have one name."""
        self._beneath = beneath
        self._entries = {entry.name: entry for entry in entries}
        if len(self._entries) < len(entries):
            raise ValueError("two entries of an organisation have one name")
        if not key and any(entry.is_hashed for entry in entries):
            raise ValueError("entries that are hashes need the key that they were made with")
        self._key = key
        found = [recogniser for entry in entries if (recogniser := recogniser_of(entry)) is not None]
        self._engine = Engine(found, {}) if found else None
        self._hashes = _Hashes(
            values=_by_hash({entry.name: entry.values for entry in entries}),
            lengths=frozenset().union(*(entry.lengths for entry in entries)),
            words=_by_hash({entry.name: entry.words_of for entry in entries}),
        )
        self._version = self._named()

    @property
    def version(self) -> str:
        """A hash of the detector beneath, of the entries, and of the key."""
        return self._version

    def classify(
        self, slots: Sequence[Slot], stopped: Callable[[], bool] = never, memory: Memory | None = None
    ) -> Classification:
        """Search with the detector beneath, then for the entries. Raises GatewayError(classification_unavailable)."""
        found = self._beneath.classify(slots, stopped, memory)
        own = self.own(slots, stopped, memory)
        places = {slot.path: at for at, slot in enumerate(slots)}
        findings = sorted((*found.findings, *own), key=lambda f: (places[f.slot], f.start, f.end, f.recogniser))
        return Classification(findings=tuple(findings), unreadable=found.unreadable, detector=self._version)

    def own(
        self, slots: Sequence[Slot], stopped: Callable[[], bool] = never, memory: Memory | None = None
    ) -> tuple[Finding, ...]:
        """Search for the entries alone."""
        found = list(self._engine.classify(slots, stopped, memory).findings) if self._engine is not None else []
        if self._hashes.values or self._hashes.words:
            for slot in slots:
                found.extend(self._hashed(slot, stopped, memory))
        return tuple(found)

    @property
    def recognisers(self) -> tuple[Recogniser, ...]:
        """In whose names the entries' findings are told."""
        return tuple(source_of(entry) for entry in self._entries.values())

    def claims(self, text: str, stopped: Callable[[], bool] = never) -> tuple[Claim, ...]:
        """Search one text for the entries alone."""
        named = {one.name: one for one in self.recognisers}
        found = self.own((Slot(path=SlotPath("text"), text=text),), stopped)
        return tuple(Claim(f.start, f.end, f.confidence, named[f.recogniser], f.evidence) for f in found)

    def _hashed(self, slot: Slot, stopped: Callable[[], bool], memory: Memory | None) -> Iterator[Finding]:
        told = memory.recall(f"{self._version} hashes", slot.text) if memory is not None else None
        if not isinstance(told, _Told):
            told = self._told(slot.text, stopped)
            if memory is not None:
                memory.keep(f"{self._version} hashes", slot.text, told)
        for name, span in told.spans:
            entry = self._entries[name]
            yield Finding(
                slot=slot.path,
                start=span.start,
                end=span.end,
                kind=entry.kind,
                data_class=entry.data_class,
                confidence=entry.confidence,
                recogniser=f"{PREFIX}{name}",
                evidence="a hash of the organisation",
                maskable=slot.maskable,
            )

    def _told(self, text: str, stopped: Callable[[], bool]) -> _Told:
        def between() -> None:
            if stopped():
                raise GatewayError("classification_unavailable", "the search was stopped before its end")

        cut, hashes = tokens(text), self._hashes
        told: set[tuple[str, Print]] = set()
        if hashes.words:
            told.update(known_words(self._key, cut, hashes.words, between))
        if hashes.values:
            told.update(known_values(self._key, text, cut, hashes.values, hashes.lengths, between))
        return _Told(tuple(sorted(told)))

    def _named(self) -> str:
        digest = hashlib.sha256(f"{REVISION} {self._beneath.version}".encode())
        digest.update(self._engine.version.encode() if self._engine is not None else b"")
        digest.update(hashlib.blake2b(b"ecluse/version", key=self._key[:64]).digest())
        for _, entry in sorted(self._entries.items()):
            told = (entry.name, entry.kind, entry.data_class, entry.confidence, entry.exact_case, sorted(entry.words))
            digest.update(repr(told).encode("utf-8", "surrogatepass"))
            digest.update(repr((entry.patterns, sorted(entry.values), sorted(entry.words_of))).encode())
        return digest.hexdigest()[:16]


def _by_hash(named: Mapping[str, frozenset[bytes]]) -> dict[bytes, frozenset[str]]:
    found: dict[bytes, frozenset[str]] = {}
    for name, digests in named.items():
        for digest in digests:
            found[digest] = found.get(digest, frozenset()) | {name}
    return found
