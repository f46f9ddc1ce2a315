"""Contested findings: left out where two persons agreed, known by keyed hashes of what was written.

Law: only findings of contestable classes are ever left out, never a declared class, and what was left out is told by
the ids of its contests. A hash says nothing without the organisation's key, and is made for no other organisation.
"""

import hmac
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from ecluse.domain.contest import CONTESTABLE, Contest
from ecluse.domain.finding import Classification, Finding
from ecluse.domain.request import Slot, SlotPath
from ecluse.domain.snapshot import Instant

_USE = b"ecluse/contest/v1"


def lift(
    found: Classification, slots: Sequence[Slot], contests: Sequence[Contest], key: bytes, now: Instant
) -> tuple[Classification, tuple[str, ...]]:
    """Leave out the findings that a contest in force is about; return what is left, and the ids that were used.

    `key` is the organisation's (32 bytes). A mark of the whole text stands for every contestable finding in it.
    """
    today = datetime.fromtimestamp(now / 1000, UTC).date()
    known = _known(contests, today)
    if not known or not any(finding.data_class in CONTESTABLE for finding in found.findings):
        return found, ()
    whole = known.get(mark_of_text(slots, key))
    used: set[str] = set()
    kept: list[Finding] = []
    for finding, mark in _marked(found.findings, slots, key):
        contest = (whole or known.get(mark)) if mark else None
        if contest is None:
            kept.append(finding)
        else:
            used.add(contest)
    return replace(found, findings=tuple(kept)), tuple(sorted(used))


def marks(found: Classification, slots: Sequence[Slot], key: bytes) -> frozenset[str]:
    """Return the marks of every finding that may be contested."""
    return frozenset(mark for _, mark in _marked(found.findings, slots, key) if mark)


def mark_of(kind: str, value: str, key: bytes) -> str:
    """Return what stands for a value of a kind: HMAC-SHA256 in hexadecimal; case and spaces do not count."""
    written = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    return _hashed(key, b"value", kind, written)


def mark_of_text(slots: Sequence[Slot], key: bytes) -> str:
    """Return what stands for a whole request's texts, word for word."""
    return _hashed(key, b"text", *(slot.text for slot in slots))


def _known(contests: Iterable[Contest], today: date) -> Mapping[str, str]:
    return {mark: one.id for one in contests if one.in_force(today) for mark in one.marks}


def _marked(findings: Iterable[Finding], slots: Sequence[Slot], key: bytes) -> Iterator[tuple[Finding, str]]:
    """Iterate over findings with their marks; what may not be contested has none."""
    texts: Mapping[SlotPath, str] = {slot.path: slot.text for slot in slots}
    for finding in findings:
        contestable = finding.data_class in CONTESTABLE and finding.slot in texts
        value = texts[finding.slot][finding.start : finding.end] if contestable else ""
        yield finding, mark_of(finding.kind, value, key) if value.strip() else ""


def _hashed(key: bytes, what: bytes, *parts: str) -> str:
    digest = hmac.new(hmac.digest(key, _USE, "sha256"), what, "sha256")
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(b"\0%d\0" % len(data))
        digest.update(data)
    return digest.hexdigest()
