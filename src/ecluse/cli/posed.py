"""A question about a text or data classes, posed as the walk would pose it: for `explain` and `route`.

Law: the same detector, contests, question and candidates as the gateway (INVARIANT 7); what is wrong is said. An entry
of the trail is asked again as of its own moment, as everything else that asks about the past.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from ecluse.app import clock as clock_of
from ecluse.app import grounds
from ecluse.cli.classify import read_text
from ecluse.cli.common import fail, fail_with, settings_of
from ecluse.cli.trail.show import found as found_in
from ecluse.domain.caller import Application, ApplicationId
from ecluse.domain.destination import DestinationId
from ecluse.domain.errors import EcluseError
from ecluse.domain.finding import Classification, DataClass
from ecluse.domain.request import Capability, Slot, SlotPath, Surface
from ecluse.domain.snapshot import Instant, Snapshot
from ecluse.domain.trail import Entry
from ecluse.domain.verdict import Question
from ecluse.edge.bygone import Bygone
from ecluse.edge.chain import DocketUnusable
from ecluse.edge.clock import day_of
from ecluse.edge.config import SettingsError
from ecluse.edge.keys import Secrets
from ecluse.edge.keys.own import SecretsUnusable
from ecluse.edge.snapshots import Grounds, build
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.opening import open_reader
from ecluse.packs.misread import near
from ecluse.passage.classify import classify
from ecluse.passage.contests import lift
from ecluse.passage.decide import resolve
from ecluse.passage.question import Asked, question_of
from ecluse.passage.record import EntryRefused, parse
from ecluse.prove.hosted import REFUSED_BY_NAME, able, tools_of
from ecluse.prove.past import Passed, asked_again, passed
from ecluse.prove.simulate import candidates_of

ID_DIGITS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Posed:
    """A question, and what it is asked of. `contested` are the contests by which findings were left out."""

    base: Grounds
    snapshot: Snapshot
    question: Question
    found: Classification
    candidates: tuple[DestinationId, ...]
    now: Instant
    contested: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An entry of the trail that decided."""

    index: int
    entry: Entry
    passed: Passed


def pose(
    file: str | None,
    classes: str | None,
    application: str,
    model: str,
    purpose: str | None,
    language: str,
    config: Path,
) -> Posed:
    """Read a text or classes and pose the question that the walk would. Leaves with what is wrong."""
    if (file is None) == (classes is None):
        fail('give a text (a file, or -) or --classes, one of the two; --classes "" is public data')
    settings = settings_of(config)
    try:
        base = grounds(settings)
        now = clock_of(settings).now()
        snapshot = build(base, day_of(now))
        record = base.applications.get(ApplicationId(application))
        if record is None:
            fail(
                f"no application {application!r} in {config}; it has: {', '.join(sorted(base.applications)) or 'none'}"
            )
        slots = () if file is None else (Slot(path=SlotPath("text"), text=read_text(file)),)
        found = (
            classify(snapshot.detector_of(record.id), slots)
            if slots
            else Classification(findings=(), detector="stated")
        )
        found, contested = lifted(found, slots, record, Path(settings.gateway.state_dir), now)
        question = question_of(record, Asked(purpose=purpose, language=language), Surface.CHAT, found)
        question = question.with_classes(_stated(classes or ""))
        candidates = resolve(snapshot, model, frozenset({Capability.CHAT}))
    except (ValueError, SettingsError, DocketUnusable, SecretsUnusable, EcluseError) as error:
        _leave(error, language, config)
    return Posed(
        base=base,
        snapshot=snapshot,
        question=question,
        found=found,
        candidates=candidates,
        now=now,
        contested=contested,
    )


def _leave(error: Exception, language: str, config: Path) -> NoReturn:
    if isinstance(error, EcluseError):
        fail(error.sentence(language))
    fail_with(error, config)


def lifted(
    found: Classification, slots: tuple[Slot, ...], record: Application, state: Path, now: Instant
) -> tuple[Classification, tuple[str, ...]]:
    """Leave out what two persons agreed is not sensitive, as the gateway does, with the same key."""
    if not record.contests or not slots:
        return found, ()
    return lift(found, slots, record.contests, Secrets.open(state).masking_key(record.organisation.id), now)


def _stated(classes: str) -> frozenset[DataClass]:
    names = [name.strip() for name in classes.split(",") if name.strip()]
    known = {c.value for c in DataClass}
    if unknown := [name for name in names if name not in known]:
        fail(f"{unknown[0]!r} is no data class; {near(unknown[0], known)}they are: {', '.join(sorted(known))}")
    return frozenset(DataClass(name) for name in names)


# ------------------------------------------------------------------ an entry of the trail
def is_entry(named: str) -> bool:
    """Say whether an argument names an entry and no file: an index, or an id of 32 hexadecimal digits."""
    hexadecimal = len(named) == ID_DIGITS and all(sign in "0123456789abcdef" for sign in named)
    return ((named.isascii() and named.isdigit()) or hexadecimal) and not Path(named).exists()


def pose_again(named: str, state_dir: Path | None, language: str, config: Path) -> tuple[Recorded, Posed]:
    """Pose again what an entry of the trail asked, on the facts of its day. Leaves with what is wrong."""
    settings = settings_of(config)
    try:
        recorded = _recorded(named, state_dir or Path(settings.gateway.state_dir))
        base = grounds(settings)
        then, past = Bygone(base).exactly(recorded.entry.at), recorded.passed.past
        snapshot, record = then.snapshot, then.applications.get(past.application)
        if record is None:
            fail(f"the application {past.application!r} of this entry is no longer in {config}", 1)
        tools = tools_of(snapshot, past.recipients, past.dialect)
        candidates = able(snapshot, tools or frozenset(), candidates_of(snapshot, past))
        if tools is None or not candidates:
            fail(REFUSED_BY_NAME.reasons[0].fr if language == "fr" else REFUSED_BY_NAME.reasons[0].en, 1)
    except (ValueError, SettingsError, DocketUnusable, SecretsUnusable, StoreError, EcluseError) as error:
        _leave(error, language, config)
    contested = recorded.entry.body.get("contested")
    return recorded, Posed(
        base=base,
        snapshot=snapshot,
        question=asked_again(past, record, tools),
        found=Classification(findings=(), detector="the trail"),
        candidates=candidates,
        now=then.now,
        contested=tuple(map(str, contested)) if isinstance(contested, tuple) else (),
    )


def _recorded(named: str, state: Path) -> Recorded:
    """Find the first entry under a name that decided. Raises StoreError for a trail that cannot be read."""
    reader = open_reader(state)
    try:
        rows = found_in(reader, named)
    finally:
        reader.close()
    if not rows:
        fail("the trail has no such entry", 1)
    found = None
    for index, data, _ in rows:
        try:
            entry = parse(data)
        except EntryRefused:
            fail(f"entry {index} cannot be read; `ecluse trail verify` says what is wrong", 1)
        if (decided := passed(entry)) is not None:
            found = found or Recorded(index=index, entry=entry, passed=decided)
    if found is None:
        fail("this entry decided nothing; name an intent or a refusal (`ecluse trail show`)", 1)
    return found
