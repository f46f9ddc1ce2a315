"""`ecluse incident`: a fact or a rule was wrong from one moment to another. What left, where to, and whom to tell.

Law: it compares what left with what the mended rules and facts permit. Exit code 0: nothing on record left that should
not have; 1: something did; 2: it could not be looked at.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from ecluse.cli.common import DEFAULT_CONFIG, Config, Json, fail_with, print_json, settings_of
from ecluse.cli.facts import Facts
from ecluse.cli.past import FORMATS, State, Until, past_of
from ecluse.cli.prove import Language
from ecluse.cli.simulate import Policy, under
from ecluse.domain.errors import EcluseError
from ecluse.domain.snapshot import Snapshot
from ecluse.edge.bygone import Bygone
from ecluse.edge.config import SettingsError
from ecluse.edge.stores.errors import StoreError
from ecluse.passage.decide import RuleRefused
from ecluse.prove.incident import Duty, Exposed, duties, exposures
from ecluse.prove.simulate import Fate, replay
from ecluse.prove.words import said_classes

NOTHING = (
    "Nothing on record left that the rules and facts known on {date} would not have let go, on its day, where it went.",
    "Rien d'enregistré n'est parti que les règles et faits connus au {date} n'auraient, à sa date, laissé aller là.",
)
LEFT = (
    "{requests} requests left, on their day, against the rules and facts known on {date}",
    "{requests} requêtes parties, à leur date, contre les règles et les faits connus au {date}",
)
OTHERWISE = (
    "permitted in another form or to another destination only",
    "autorisées seulement sous une autre forme ou vers une autre destination",
)
CLAIM = (
    "The trail names no person and has no text: how many people are concerned must be found in the applications.",
    "Le registre ne nomme personne et n'a pas de texte : qui est concerné se cherche dans les applications.",
)


def incident(
    *,
    since: Annotated[datetime, typer.Option(formats=FORMATS, help="Since when the fact or rule was wrong (UTC).")],
    until: Until = None,
    policy: Policy = None,
    registry: Facts = None,
    state_dir: State = None,
    language: Language = "en",
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Name the requests that the mended rules or facts would not have sent: recipients, contracts, whom to notify."""
    settings = settings_of(config)
    try:
        base, snapshot = under(settings, policy, registry)
        entries = past_of(state_dir or Path(settings.gateway.state_dir), since, until)
        replayed = replay(Bygone(base).at, entries)
    except (ValueError, SettingsError, EcluseError, StoreError, RuleRefused) as error:
        fail_with(error, config)
    tools = {one.id: one.destination for one in snapshot.recipients}
    found = exposures(replayed, {**snapshot.destinations, **tools})
    asked = duties(found, base.applications)
    unknown = sum(len(one.passages) for one in replayed if one.fate is Fate.UNKNOWN)
    document = _told(found, asked, snapshot, unknown, language)
    if json:
        print_json(document)
    else:
        for line in _lines(document, language):
            typer.echo(line)
    if found or unknown:
        raise typer.Exit(1)


def _told(
    found: Sequence[Exposed], asked: Sequence[Duty], snapshot: Snapshot, unknown: int, language: str
) -> dict[str, Any]:
    fr = language == "fr"
    return {
        "date": snapshot.today,
        "requests": sum(one.requests for one in found),
        "cannot_be_asked_again": unknown,
        "exposed": [_exposed(one) for one in found],
        "recipients": sorted(
            {str(name or "unknown") for one in found for name in (one.provider, *one.recipients.values())}
        ),
        "duties": [
            {"says": duty.fr if fr else duty.en, "source": duty.source}
            | ({"within_hours": duty.hours} if duty.hours else {})
            for duty in asked
        ],
        "claim": CLAIM[fr],
    }


def _exposed(one: Exposed) -> dict[str, Any]:
    return {
        "application": one.application,
        "destination": one.choice.destination,
        "masked": one.choice.masked,
        "provider": one.provider,
        "requests": one.requests,
        "first": one.first,
        "last": one.last,
        "classes": sorted(c.value for c in one.classes),
        "findings": dict(one.counts),
        "refused_by": list(one.rules),
        "tools": {str(id_): str(name or "unknown") for id_, name in one.recipients.items()},
    }


def _lines(document: dict[str, Any], language: str) -> Iterator[str]:
    fr = language == "fr"
    if document["exposed"]:
        yield LEFT[fr].format(**document)
    else:
        yield NOTHING[fr].format(date=document["date"])
    for one in document["exposed"]:
        masked = (" (pseudonymisées)" if fr else " (masked)") if one["masked"] else ""
        yield f"{one['application']} -> {one['destination']}{masked}: {one['requests']}, {one['first']} - {one['last']}"
        classes = said_classes(frozenset(one["classes"]), fr=True) if fr else ", ".join(one["classes"])
        yield f"     {classes}; {', '.join(one['refused_by']) or OTHERWISE[fr]}"
        if one["tools"]:
            yield f"     {'reçu aussi par' if fr else 'also received by'}: {', '.join(one['tools'])}"
    if document["cannot_be_asked_again"]:
        yield (
            f"{document['cannot_be_asked_again']} décisions ne peuvent être reposées : à examiner à la main"
            if fr
            else f"{document['cannot_be_asked_again']} decisions cannot be asked again: look at them by hand"
        )
    for duty in document["duties"]:
        hours = f" ({duty['within_hours']} h)" if "within_hours" in duty else ""
        yield f"- {duty['says']}{hours} [{duty['source']}]"
    yield document["claim"]
