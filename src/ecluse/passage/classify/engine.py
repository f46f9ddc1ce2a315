"""The search itself: one pass over a text with every pattern, then a closer look where one of them matched.

Law: every slot is searched whole, or GatewayError("classification_unavailable") is raised: never less than all is
reported as all (INVARIANT 3). Findings under a confidence of 0.5 are dropped here. Deterministic, no I/O; linear.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import re2

from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import Classification, Finding
from ecluse.domain.request import Slot, SlotPath
from ecluse.domain.snapshot import Memory, never
from ecluse.passage.classify.blocks import LONG, blocks
from ecluse.passage.classify.gates import need_of
from ecluse.passage.classify.normalise import Reading, ascii_of, read
from ecluse.passage.classify.patterns import MEMORY, NOWHERE, Patterns, finder, options
from ecluse.passage.classify.recogniser import VOCABULARY, WEAK, Candidate, Recogniser, Words
from ecluse.passage.classify.resolve import Claim, resolve
from ecluse.passage.classify.seams import Seam, seams
from ecluse.passage.classify.tagger import NEEDS, Tagger, names_in, repeated
from ecluse.passage.classify.tagger import claims as tagged
from ecluse.passage.classify.views import ESCAPES, QUOTES, TRIGGERS, is_long_data_url, view

REVISION = 7
"""Rises when normalisation, views, seams or resolution change what is found."""
LIMIT = 16 * 2**20
"""Characters of a request. More is not searched, so not sent."""
TRACE = 0.4
"""The least confidence of what names nobody by itself: it decides nothing, so that less is asked of it."""


class _Search(NamedTuple):
    claims: tuple[Claim, ...]
    unreadable: bool


class Engine:
    """Implements `domain.snapshot.Detector` over a set of recognisers and, where one is given, a tagger."""

    def __init__(
        self,
        recognisers: Iterable[Recogniser],
        dictionaries: Words,
        tagger: Tagger | None = None,
        *,
        floor: float = WEAK,
    ) -> None:
        """Compile. Raises ValueError for a pattern that RE2 refuses, or a dictionary that is missing or empty."""
        self._tagger = tagger
        self._names = _asked_for("the tagger", NEEDS if tagger else (), dictionaries)
        self._recognisers = tuple(sorted(recognisers, key=lambda recogniser: recogniser.name))
        self._floor = floor
        self._words = {recogniser.name: _words_of(recogniser, dictionaries) for recogniser in self._recognisers}
        patterns = [(one, pattern) for one in self._recognisers for pattern in patterns_of(one, dictionaries)]
        self._finders = tuple(
            (one, finder(_compiled(pattern, one)), self._words[one.name]) for one, pattern in patterns
        )
        self._widest = _widest(pattern for _, pattern in patterns)
        self._asked = Patterns([pattern.encode("ascii") for pattern in (*TRIGGERS, *(each for _, each in patterns))])
        self._of_lines = tuple(_FIRST + i for i, (one, _) in enumerate(patterns) if one.of_lines)
        self._asked_of_lines = Patterns([patterns[i - _FIRST][1].encode("ascii") for i in self._of_lines])
        self._version = _version_of(self._recognisers, dictionaries, floor, tagger)

    @property
    def version(self) -> str:
        """A hash of the recognisers, their revisions, the dictionaries, the tagger and the engine's revision."""
        return self._version

    def classify(
        self, slots: Sequence[Slot], stopped: Callable[[], bool] = never, memory: Memory | None = None
    ) -> Classification:
        """Search every slot, and what neighbouring slots make together.

        Raises:
            GatewayError: `classification_unavailable`, when a slot could not be searched whole.
        """
        if sum(len(slot.text) for slot in slots) > LIMIT:
            raise GatewayError("classification_unavailable", f"more than {LIMIT} characters")
        unreadable: dict[SlotPath, None] = {}
        claims: list[list[Claim]] = []
        for slot in slots:
            found = self._known(slot.text, stopped, memory)
            claims.append(list(found.claims))
            if found.unreadable:
                unreadable[slot.path] = None
        for seam in seams(slots):
            self._look_across(seam, claims, stopped, memory)
        findings = tuple(
            _finding(slot, claim)
            for slot, found_here in zip(slots, claims, strict=True)
            for claim in self._settled(slot.text, found_here)
        )
        return Classification(findings=findings, unreadable=tuple(unreadable), detector=self._version)

    def search(self, text: str, *, indirect: bool = False) -> tuple[Claim, ...]:
        """Search one text, and settle what overlaps. Raises as `classify` does.

        `indirect` adds what names no person by itself (dates, places, organisations): no finding, but a trace.
        """
        return self.searched(text, indirect=indirect)[0]

    def searched(
        self, text: str, stopped: Callable[[], bool] = never, *, indirect: bool = False
    ) -> tuple[tuple[Claim, ...], bool]:
        """Search one text as `search` does, and say whether it holds what cannot be read."""
        found = self._look(text, stopped)
        return self._settled(text, found.claims, indirect=indirect), found.unreadable

    def _settled(self, text: str, claims: Iterable[Claim], *, indirect: bool = False) -> tuple[Claim, ...]:
        return resolve(
            text,
            (
                c
                for c in claims
                if c.confidence >= (min(self._floor, TRACE) if c.recogniser.indirect else self._floor)
                and (indirect or not c.recogniser.indirect)
            ),
        )

    def _known(self, text: str, stopped: Callable[[], bool], memory: Memory | None, *, seam: bool = False) -> _Search:
        """Remember what a text showed, or search it. What was found follows from the text and the version alone."""
        name = f"{self._version} seam" if seam else self._version
        return _remembered(memory, name, text, lambda: self._look(text, stopped, memory, seam=seam))

    def _look(
        self, text: str, stopped: Callable[[], bool] = never, memory: Memory | None = None, *, seam: bool = False
    ) -> _Search:
        """Search one text; what is between two texts is not read for names. A long one is searched block by block."""
        if is_long_data_url(text):
            return _Search((), unreadable=True)
        parts = blocks(text, None if seam else self._widest)
        read_as = [text[part.before : part.after] for part in parts]
        kept = memory if len(parts) > 1 else None
        name = f"{self._version} part"
        found = [_remembered(kept, name, said, partial(self._part, said, stopped, seam=seam)) for said in read_as]
        claims = [claim for part, here in zip(parts, found, strict=True) for claim in part.own(here.claims)]
        if self._tagger is not None and not seam and (names := names_in(text, claims, self._names)):
            name = f"{self._version} {hashlib.sha256(repr(sorted(names)).encode()).hexdigest()[:16]}"
            for part, here, said in zip(parts, found, read_as, strict=True):
                _go_on(stopped)
                again = _remembered(kept, name, said, partial(_again, said, here.claims, names))
                claims.extend(part.own(again.claims))
        return _Search(tuple(dict.fromkeys(claims)), any(here.unreadable for here in found))

    def _part(self, text: str, stopped: Callable[[], bool], *, seam: bool) -> _Search:
        """Search one text in every reading that it calls for."""
        plain = read(text)
        matched = self._asked.matched(plain.text)
        claims = list(self._claims(plain, matched, stopped))
        unreadable = self._views(plain, matched - {ESCAPES}, claims, stopped)
        if ESCAPES in matched and (unescaped := view(ESCAPES, plain).reading) is not None:
            matched = self._asked.matched(unescaped.text)
            claims.extend(self._claims(unescaped, matched, stopped))
            unreadable = self._views(unescaped, matched - {ESCAPES}, claims, stopped) or unreadable
        if self._tagger is not None and not seam:
            claims.extend(tagged(self._tagger, text, self._names, claims, lambda: _go_on(stopped)))
        return _Search(tuple(dict.fromkeys(claims)), unreadable)

    def _views(self, reading: Reading, matched: set[int], claims: list[Claim], stopped: Callable[[], bool]) -> bool:
        """Add what the views of a reading show; return whether it holds what cannot be read."""
        unreadable = False
        for trigger in sorted(matched & _TRIGGERS):
            other = view(trigger, reading)
            unreadable = unreadable or other.unreadable
            if other.reading is None:
                continue
            if trigger == QUOTES:
                again = {self._of_lines[at] for at in self._asked_of_lines.matched(other.reading.text)}
            else:
                again = self._asked.matched(other.reading.text)
            claims.extend(self._claims(other.reading, again, stopped))
        return unreadable

    def _look_across(
        self, seam: Seam, claims: list[list[Claim]], stopped: Callable[[], bool], memory: Memory | None
    ) -> None:
        """Add to `claims` what a seam shows that its two sides do not show alone."""
        for claim in self._known(seam.text, stopped, memory, seam=not seam.keyed).claims:
            if claim.recogniser.across or seam.keyed:
                for index, start, end in seam.sides(claim.start, claim.end, claims):
                    claims[index].append(claim._replace(start=start, end=end, evidence=seam.evidence(claim.evidence)))

    def _claims(self, reading: Reading, matched: set[int], stopped: Callable[[], bool]) -> Iterator[Claim]:
        text = reading.text
        encoded = text.encode("ascii")
        size = len(encoded)
        for index in sorted(matched):
            if index < _FIRST:
                continue
            recogniser, find, words = self._finders[index - _FIRST]
            at = 0
            while at <= size and (found := find(encoded, at, size)[0]) != NOWHERE:
                _go_on(stopped)
                start, end = found
                claim = _asked(recogniser, Candidate(text, start, end, words), reading)
                if claim is not None:
                    yield claim
                at = max(start + 1, end if claim is not None else 0)


_TRIGGERS = frozenset(range(len(TRIGGERS)))
_FIRST = len(TRIGGERS)


def _remembered(memory: Memory | None, name: str, text: str, search: Callable[[], _Search]) -> _Search:
    if memory is None:
        return search()
    found = memory.recall(name, text)
    if not isinstance(found, _Search):
        found = search()
        memory.keep(name, text, found)
    return found


def _again(text: str, claims: Iterable[Claim], names: frozenset[str]) -> _Search:
    return _Search(tuple(repeated(text, claims, names)), unreadable=False)


def _widest(patterns: Iterable[str]) -> int | None:
    """Return the most characters that a pattern matches, None where that is so much that nothing is cut."""
    widest = max((need_of(pattern).width for pattern in patterns), default=0)
    return widest if widest < LONG // 8 else None


def _go_on(stopped: Callable[[], bool]) -> None:
    if stopped():
        raise GatewayError("classification_unavailable", "the search was stopped before its end")


def _asked(recogniser: Recogniser, candidate: Candidate, reading: Reading) -> Claim | None:
    try:
        hit = recogniser.verify(candidate)
    except (ValueError, LookupError, ArithmeticError):
        # The cause may quote the text: it is not chained.
        raise GatewayError("classification_unavailable", f"recogniser {recogniser.name} failed") from None
    if hit is None:
        return None
    if not (0 <= hit.start < hit.end <= len(reading.text) and 0 <= hit.confidence <= 1):
        raise GatewayError("classification_unavailable", f"recogniser {recogniser.name} gave no span")
    start, end = reading.original(hit.start, hit.end)
    return Claim(start, end, hit.confidence, recogniser, hit.evidence)


def _finding(slot: Slot, claim: Claim) -> Finding:
    return Finding(
        slot=slot.path,
        start=claim.start,
        end=claim.end,
        kind=claim.recogniser.kind,
        data_class=claim.recogniser.data_class,
        confidence=claim.confidence,
        recogniser=claim.recogniser.name,
        evidence=claim.evidence,
        maskable=slot.maskable,
    )


def _words_of(recogniser: Recogniser, dictionaries: Words) -> Words:
    names = (*recogniser.dictionaries, *([recogniser.vocabulary] if recogniser.vocabulary else []))
    return _asked_for(f"recogniser {recogniser.name}", names, dictionaries)


def _asked_for(who: str, names: Iterable[str], dictionaries: Words) -> Words:
    found = {name: dictionaries.get(name, frozenset()) for name in names}
    if missing := [name for name, words in found.items() if not words]:
        raise ValueError(f"{who} needs the dictionary {missing[0]}")
    return found


def patterns_of(recogniser: Recogniser, dictionaries: Words) -> Iterator[str]:
    """List the patterns of a recogniser, its vocabulary written out."""
    # RE2 takes the first alternative that matches: longer ones stand first.
    words = sorted(dictionaries[recogniser.vocabulary], key=lambda w: (-len(w), w)) if recogniser.vocabulary else []
    any_word = "|".join(re2.escape("".join(map(ascii_of, word))) for word in words)
    for pattern in recogniser.patterns:
        yield pattern.replace(VOCABULARY, f"(?:{any_word})")


def _compiled(pattern: str, recogniser: Recogniser) -> "re2._Regexp":
    try:
        compiled = re2.compile(pattern.encode("ascii"), options(MEMORY))
    except re2.error:
        raise ValueError(f"recogniser {recogniser.name}: RE2 refuses {pattern[:80]}") from None
    if compiled.search(b"") is not None:
        raise ValueError(f"recogniser {recogniser.name}: a pattern matches nothing at all")
    return compiled


def _version_of(
    recognisers: Sequence[Recogniser], dictionaries: Mapping[str, frozenset[str]], floor: float, tagger: Tagger | None
) -> str:
    digest = hashlib.sha256(f"{REVISION} {floor} {tagger.version if tagger else 'no tagger'}".encode())
    for r in recognisers:
        digest.update(
            repr(
                (r.name, r.kind, r.data_class, r.patterns, r.vocabulary, r.across, r.indirect, r.of_lines, r.revision)
            ).encode()
        )
    asked = {name for r in recognisers for name in (*r.dictionaries, r.vocabulary or "") if name}
    for name in sorted(asked.union(NEEDS if tagger else ())):
        digest.update(repr((name, sorted(dictionaries[name]))).encode())
    return digest.hexdigest()[:16]
