"""`ecluse simulate`: past traffic under other rules, facts or settings. Metadata alone, nothing is sent.

Law: exit code 0: nothing would change; 1: something would; 2: it could not be asked.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from ecluse.app import clock as clock_of
from ecluse.app import grounds
from ecluse.cli.common import DEFAULT_CONFIG, Config, Json, fail_with, print_json, settings_of
from ecluse.cli.facts import Facts, packs_of, registry_of
from ecluse.cli.past import Range, Since, State, Until, past_of, ranged
from ecluse.cli.prove import Language
from ecluse.domain.errors import EcluseError
from ecluse.domain.snapshot import Snapshot
from ecluse.edge.bygone import Bygone
from ecluse.edge.clock import day_of
from ecluse.edge.config import Settings, SettingsError
from ecluse.edge.snapshots import Grounds, build
from ecluse.edge.stores.errors import StoreError
from ecluse.passage.decide import RuleRefused
from ecluse.prove.simulate import Fate, Replayed, replay
from ecluse.prove.words import said_classes

Policy = Annotated[Path | None, typer.Option("--policy", help="A folder of rules; the shipped ones if absent.")]

WORDS = {
    Fate.SAME: ("decided the same", "même décision"),
    Fate.ELSEWHERE: ("would go elsewhere", "iraient ailleurs"),
    Fate.REFUSED: ("would be refused", "seraient refusées"),
    Fate.PERMITTED: ("would be permitted", "seraient autorisées"),
    Fate.UNKNOWN: (
        "cannot be asked again: the application or the model is no longer on record",
        "ne peuvent être reposées : l'application ou le modèle n'est plus enregistré",
    ),
}
HEAD = (
    "{total} past decisions, each asked again as of its own day, by what is on record on {date}",
    "{total} décisions passées, reposées chacune à sa date, d'après ce qui est enregistré au {date}",
)
CLAIM = (
    "From metadata: the trail has no text. What a mask could have covered is taken from the data classes.",
    "D'après les métadonnées : le registre n'a pas de texte. Ce qu'un masque aurait couvert est déduit des classes.",
)


def simulate(
    *,
    policy: Policy = None,
    registry: Facts = None,
    trail: Range = None,
    since: Since = None,
    until: Until = None,
    state_dir: State = None,
    language: Language = "en",
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Ask past requests again under other rules or facts: which would be refused, permitted, or go elsewhere."""
    settings, (since, until) = settings_of(config), ranged(trail, since, until)
    try:
        base, snapshot = under(settings, policy, registry)
        entries = past_of(state_dir or Path(settings.gateway.state_dir), since, until)
        replayed = replay(Bygone(base).at, entries)
    except (ValueError, SettingsError, EcluseError, StoreError, RuleRefused) as error:
        fail_with(error, config)
    document = told(replayed, snapshot, language)
    if json:
        print_json(document)
    else:
        for line in _lines(document, replayed, language):
            typer.echo(line)
    if any(one.fate is not Fate.SAME for one in replayed):
        raise typer.Exit(1)


def under(settings: Settings, policy: Path | None, facts: Path | None) -> tuple[Grounds, Snapshot]:
    """Return these settings with other rules or facts where they are given, and their snapshot of today."""
    base = grounds(settings)
    if policy is not None:
        base = replace(base, policies=packs_of(policy))
    if facts is not None:
        base = replace(base, registry=registry_of(facts, settings.facts))
    return base, build(base, day_of(clock_of(settings).now()))


def told(replayed: Sequence[Replayed], snapshot: Snapshot, language: str) -> dict[str, Any]:
    """Return what was found as a document."""
    counts = Counter[Fate]()
    for one in replayed:
        counts[one.fate] += len(one.passages)
    return {
        "date": snapshot.today,
        "decisions": sum(counts.values()),
        "fates": {fate.value: counts[fate] for fate in Fate},
        "changes": [_change(one) for one in replayed if one.fate is not Fate.SAME],
        "claim": CLAIM[language == "fr"],
    }


def _change(one: Replayed) -> dict[str, Any]:
    return {
        "fate": one.fate.value,
        "application": one.past.application,
        "surface": one.past.surface.value,
        "model": one.past.model,
        "purpose": one.past.purpose,
        "classes": sorted(c.value for c in one.past.found | one.past.declared),
        "recipients": sorted(one.past.recipients),
        "decisions": len(one.passages),
        "first": min(entry.at for entry in one.passages),
        "last": max(entry.at for entry in one.passages),
        "rules": list(one.rules),
        "choices": [f"{c.destination} (masked)" if c.masked else str(c.destination) for c in one.choices],
        "example": one.passages[0].passage,
    }


def _lines(document: dict[str, Any], replayed: Sequence[Replayed], language: str) -> Iterator[str]:
    fr = language == "fr"
    yield HEAD[fr].format(total=document["decisions"], date=document["date"])
    for fate in Fate:
        if number := document["fates"][fate.value]:
            yield f"{number:>8}  {WORDS[fate][fr]}"
    for one in sorted(replayed, key=lambda each: -len(each.passages)):
        if one.fate is Fate.SAME:
            continue
        change = _change(one)
        codes = ", ".join(change["classes"]) or "public data"
        classes = said_classes(frozenset(change["classes"]), fr=True) if fr else codes
        if change["recipients"]:
            classes += f" ({'avec' if fr else 'with'} {', '.join(change['recipients'])})"
        yield f"{change['application']}: {classes} -> {WORDS[one.fate][fr]}: {change['decisions']}"
        yield f"     {', '.join(change['rules'] if one.fate is Fate.REFUSED else change['choices'])}"
    yield document["claim"]
