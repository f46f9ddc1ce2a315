"""`ecluse drill --without X`: a reversibility exercise. Which applications keep a destination, at which cost?

Law: it rehearses and changes nothing. Exit code 1 when an application would lose its last destination. Cost and
concentration are of the last month of a trail, at list prices; what is unknown is said to be, and is never zero.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ecluse.app import clock as clock_of
from ecluse.app import grounds
from ecluse.cli.common import DEFAULT_CONFIG, Config, Json, fail, fail_with, print_json, settings_of
from ecluse.domain.caller import ApplicationId
from ecluse.domain.destination import DestinationId
from ecluse.domain.errors import EcluseError
from ecluse.domain.finding import MASKED_CLASSES, DataClass
from ecluse.domain.snapshot import Instant, Snapshot
from ecluse.domain.trail import EntryKind
from ecluse.domain.verdict import Choice
from ecluse.edge.clock import day_of
from ecluse.edge.config import SettingsError
from ecluse.edge.drilling import FORMS, loss_of
from ecluse.edge.month import last_month
from ecluse.edge.snapshots import Grounds, build
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.opening import open_reader
from ecluse.passage.decide.words import CLASS_NAMES, joined
from ecluse.passage.record import EntryRefused, parse
from ecluse.prove.concentration import Balance, as_it_went, as_it_would_go
from ecluse.prove.drill import Profile, Rehearsal, declared, rehearse, without
from ecluse.prove.figures import said_number


def drill(
    *,
    without_: Annotated[str, typer.Option("--without", help=f"What is lost: {FORMS}.")],
    state_dir: Annotated[
        Path | None,
        typer.Option("--state-dir", help="Take the data classes and the last month of this state's trail too."),
    ] = None,
    language: Annotated[
        Literal["en", "fr"], typer.Option("--language", "-l", help="Sentences in `en` or `fr`.")
    ] = "en",
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Rehearse the loss of a provider, a jurisdiction or an attestation for every application of the settings."""
    settings = settings_of(config)
    try:
        base = grounds(settings)
        now = clock_of(settings).now()
        before = build(base, day_of(now))
        loss = loss_of(base, before, without_)
        after = without(build(replace(base, registry=loss.registry), day_of(now)), loss.gone)
        profiles = [*declared(base.applications.values()), *_seen(base, state_dir)]
        rehearsed = rehearse(before, after, base.applications, profiles, now=now)
        stands = sorted(loss.places)
        month = _month(base, before, after, now, state_dir, stands=bool(stands))
    except (ValueError, SettingsError, EcluseError, StoreError) as error:
        fail_with(error, config)
    document: dict[str, Any] = {
        "date": before.today,
        "without": without_,
        "destinations": len(before.destinations),
        "lost": sorted(loss.gone),
        "may_be_lost": sorted(loss.doubtful - loss.gone),
        "gateway_stands_there": stands,
        "applications": [_told(one, fr=language == "fr", stands=bool(stands)) for one in rehearsed],
        "month": month,
    }
    if json:
        print_json(document)
    else:
        for line in _lines(document, fr=language == "fr"):
            typer.echo(line)
    if any(one["lost"] for one in document["applications"]):
        raise typer.Exit(1)


# ------------------------------------------------------------------ profiles that the trail shows
def _seen(base: Grounds, state: Path | None) -> Iterator[Profile]:
    """Iterate over the sets of data classes that each application was seen to send, each once."""
    if state is None:
        return
    reader = open_reader(state)
    try:
        found = {one for row in reader.rows(0, reader.size()) if (one := _profile(row[1])) is not None}
    finally:
        reader.close()
    for one in sorted(found, key=lambda one: (one.application, sorted(one.classes), sorted(one.recipients))):
        if one.application in base.applications:
            yield one


def _profile(data: bytes) -> Profile | None:
    try:
        entry = parse(data)
    except EntryRefused:
        fail("an entry of the trail cannot be read; `ecluse trail verify` says which", 1)
    body = entry.body
    application = body.get("application")
    if entry.kind not in {EntryKind.INTENT, EntryKind.REFUSAL} or not isinstance(application, str):
        return None
    names = (*_listed(body.get("found")), *_listed(body.get("declared")))
    return Profile(
        application=ApplicationId(application),
        classes=frozenset(map(DataClass, names)) - MASKED_CLASSES,
        seen=True,
        recipients=frozenset(map(DestinationId, _listed(body.get("recipients")))),
        dialect=str(body.get("dialect") or ""),
    )


def _listed(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, tuple | list) else ()


def _month(
    base: Grounds, before: Snapshot, after: Snapshot, now: Instant, state: Path | None, *, stands: bool
) -> dict[str, Any] | None:
    """Return what the last month cost and how concentrated it was, and would be; None without a trail."""
    if state is None:
        return None
    reader = open_reader(state)
    try:
        month = last_month(reader)
    finally:
        reader.close()
    return {
        "since": month.since or None,
        "until": month.until or None,
        "before": _balance(as_it_went(month.flows, before)),
        "after": _balance(as_it_would_go(month.flows, after, base.applications, now=now, stands=stands)),
    }


def _balance(one: Balance) -> dict[str, Any]:
    return {
        "passages": one.passages,
        "stopped": one.stopped,
        "cannot_be_asked_again": one.unasked,
        "cost_micro": dict(one.cost) or None,
        "passages_of_unknown_cost": one.unpriced,
        "companies": {name: round(share, 2) for name, share in one.shares.items()},
        "concentration": one.concentration,
    }


# ------------------------------------------------------------------ telling
def _told(one: Rehearsal, *, fr: bool, stands: bool) -> dict[str, Any]:
    after = () if stands else one.after
    return {
        "application": one.profile.application,
        "classes": sorted(c.value for c in one.profile.classes),
        "profile": "seen" if one.profile.seen else "declared",
        "recipients": sorted(one.profile.recipients),
        "before": [_choice(choice) for choice in one.before],
        "after": [_choice(choice) for choice in after],
        "refused_by_place": one.place,
        "lost": bool(one.before) and not after,
        "says": _sentence(one, after, fr=fr, stands=stands),
    }


def _choice(choice: Choice) -> str:
    return f"{choice.destination} (masked)" if choice.masked else str(choice.destination)


def _sentence(one: Rehearsal, after: tuple[Choice, ...], *, fr: bool, stands: bool) -> str:
    names = [CLASS_NAMES[c][fr] for c in sorted(one.profile.classes)]
    what = joined(names, "et" if fr else "and") if names else ("données publiques" if fr else "public data")
    if one.profile.recipients:
        what += f" {'avec' if fr else 'with'} {joined(sorted(one.profile.recipients), 'et' if fr else 'and')}"
    kept = f"{len(after)} sur {len(one.before)}" if fr else f"{len(after)}/{len(one.before)}"
    if not one.before:
        return f"{what} : déjà aucune destination." if fr else f"{what}: no destination to begin with."
    if after:
        return f"{what}, destinations encore ouvertes : {kept}." if fr else f"{what}: keeps {kept} destinations."
    why = ""
    if stands or one.place:
        why = ", la passerelle elle-même est touchée" if fr else ", the gateway itself is hit"
    return f"{what} : perd toute destination{why}." if fr else f"{what}: loses every destination{why}."


def _lines(document: Mapping[str, Any], *, fr: bool) -> Iterator[str]:
    lost, doubtful = document["lost"], document["may_be_lost"]
    nothing = "aucune" if fr else "none"
    yield f"{document['date']}, {'sans' if fr else 'without'} {document['without']}"
    colon = " :" if fr else ":"
    yield f"{'perdues' if fr else 'lost'}{colon} {', '.join(lost) or nothing}"
    if doubtful:
        yield f"{'peut-être perdues' if fr else 'may be lost'}{colon} {', '.join(doubtful)}"
    for one in document["applications"]:
        seen = (" (vu)" if fr else " (seen)") if one["profile"] == "seen" else ""
        yield f"{one['application']}{seen}{colon} {one['says']}"
        if gone := [choice for choice in one["before"] if choice not in one["after"]]:
            yield f"     {'ne va plus vers' if fr else 'no longer to'}{colon} {', '.join(gone)}"
    if document["month"] is not None:
        yield from _lines_of_month(document["month"], fr=fr)


WORDS: Mapping[str, tuple[str, str]] = {
    "head": (
        "last month of the trail, {since} to {until}, at the list prices on record",
        "dernier mois du registre, du {since} au {until}, aux prix catalogue enregistrés",
    ),
    "none": ("the trail has no passage", "le registre n'a aucun passage"),
    "before": ("as it went", "tel que passé"),
    "after": ("as it would go", "tel qu'il irait"),
    "line": (
        "{when}: {passages} passages, {stopped} stopped; cost {cost}; concentration {index} of 10000 ({companies})",
        "{when} : {passages} passages, {stopped} arrêtés ; coût {cost} ; concentration {index} sur 10000 ({companies})",
    ),
    "unpriced": ("{known}, and unknown for {count}", "{known}, et inconnu pour {count}"),
    "unknown": ("unknown", "inconnu"),
    "unasked": (
        "{count} passages are of applications that are no longer on record",
        "{count} passages viennent d'applications qui ne sont plus enregistrées",
    ),
}


def _lines_of_month(month: Mapping[str, Any], *, fr: bool) -> Iterator[str]:
    say = {name: pair[fr] for name, pair in WORDS.items()}
    if month["until"] is None:
        yield say["none"]
        return
    yield say["head"].format(since=month["since"][:10], until=month["until"][:10])
    for when in ("before", "after"):
        one = month[when]
        yield say["line"].format(
            when=say[when],
            cost=_cost(one, say, fr=fr),
            index=say["unknown"] if one["concentration"] is None else one["concentration"],
            companies=", ".join(f"{name} {said_number(share, fr=fr)} %" for name, share in one["companies"].items())
            or "-",
            passages=one["passages"],
            stopped=one["stopped"],
        )
    if count := month["after"]["cannot_be_asked_again"]:
        yield say["unasked"].format(count=count)


def _cost(one: Mapping[str, Any], say: Mapping[str, str], *, fr: bool) -> str:
    """Write a cost: what is unknown is said beside what is known, and is never zero."""
    sums = [
        f"{said_number(micro / 1_000_000, fr=fr, digits=2)} {currency}"
        for currency, micro in (one["cost_micro"] or {}).items()
    ]
    known = " + ".join(sums) or say["unknown"]
    unpriced = one["passages_of_unknown_cost"]
    return say["unpriced"].format(known=known, count=unpriced) if sums and unpriced else known
