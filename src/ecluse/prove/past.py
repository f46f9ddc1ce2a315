"""What the trail kept of a request, as the rules can be asked about it again.

Law: metadata only. The trail has no text, so what a mask could have covered is taken from the classes alone: a class
that can be masked and was not declared. Requests that ask the same are one past with its passages.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ecluse.domain.caller import Application, ApplicationId, Purpose
from ecluse.domain.destination import DestinationId
from ecluse.domain.finding import MASKED_CLASSES, MASKED_FORM, DataClass
from ecluse.domain.hosted import HostedRef
from ecluse.domain.request import AS_IS_ONLY, Surface
from ecluse.domain.snapshot import Instant, Snapshot
from ecluse.domain.trail import Entry, EntryKind, PassageId
from ecluse.domain.verdict import Action, Choice, Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What was asked: by which application, for which purpose, with which classes, of which model.

    `recipients` are those of its hosted tools, which were asked for in `dialect`; `keeps` is whether the
    provider was to keep the answer, `stays` whether the gateway's own vault was.
    """

    application: ApplicationId
    surface: Surface
    purpose: str
    model: str
    found: frozenset[DataClass]
    declared: frozenset[DataClass]
    recipients: frozenset[DestinationId] = frozenset()
    dialect: str = ""
    keeps: bool = False
    stays: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """One entry of the trail that decided: an intent with its choice, or a refusal, which has none.

    `brought` are the data classes that hosted tools might hand to the model.
    """

    past: Past
    passage: PassageId
    at: str
    choice: Choice | None
    counts: Mapping[str, int]
    rules: tuple[str, ...]
    brought: frozenset[DataClass] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Then:
    """What counted at a moment: the facts and rules of its day, and the records as persons had decided by then.

    `now` is a moment of the snapshot's.
    """

    snapshot: Snapshot
    applications: Mapping[ApplicationId, Application]
    now: Instant


AsOf: TypeAlias = Callable[[str], Then]
"""Tells what counted at a moment, written as an entry writes its own: the same object where nothing changed."""
Asked: TypeAlias = tuple[str, Past]
"""What was asked, and a moment at which everything stood as it did then."""


def passed(entry: Entry) -> Passed | None:
    """Read an entry; None for one that decides nothing (outcomes, administration, a refusal before any question)."""
    body = entry.body
    model, purpose = body.get("model"), body.get("purpose")
    if entry.kind not in {EntryKind.INTENT, EntryKind.REFUSAL} or not isinstance(model, str):
        return None
    if not isinstance(purpose, str):
        return None
    destination = body.get("destination")
    choice = None
    if isinstance(destination, str):
        choice = Choice(destination=DestinationId(destination), masked=body.get("masked") is True)
    counts = body.get("counts")
    return Passed(
        past=Past(
            application=ApplicationId(str(body["application"])),
            surface=Surface(str(body["surface"])),
            purpose=purpose,
            model=model,
            found=_classes(body.get("found")) - MASKED_CLASSES,
            declared=_classes(body.get("declared")),
            recipients=frozenset(map(DestinationId, _names(body.get("recipients")))),
            dialect=str(body.get("dialect") or ""),
            keeps=body.get("keeps") is True,
            stays="converses" in body,
        ),
        passage=entry.passage,
        at=entry.at,
        choice=choice,
        counts={name: int(str(n)) for name, n in counts.items()} if isinstance(counts, Mapping) else {},
        rules=_names(body.get("permitted_by")) if choice else _names(body.get("refused_by")),
        brought=_classes(body.get("brought")),
    )


def asked_again(past: Past, application: Application, tools: frozenset[HostedRef] = frozenset()) -> Question:
    """Return the question that a past request asks of a record of its application, with its hosted `tools`."""
    embeds = past.surface is Surface.EMBEDDINGS
    known = past.purpose in application.purposes
    declared = past.declared | application.declared
    return Question(
        application=application,
        action=Action.EMBED if embeds else Action.INFER,
        purpose=Purpose(past.purpose if known else "(not on record)"),
        classes=past.found | declared,
        covered=frozenset() if past.surface in AS_IS_ONLY else (past.found & frozenset(MASKED_FORM)) - declared,
        tools=tools,
        keeps=past.keeps,
        stays=past.stays,
    )


def _classes(value: object) -> frozenset[DataClass]:
    return frozenset(DataClass(name) for name in _names(value))


def _names(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, Sequence) and not isinstance(value, str) else ()
