"""`ecluse explain`: what the rules say of a text or of data classes, for every destination, with nothing sent."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from ecluse.app import clock as clock_of
from ecluse.app import grounds
from ecluse.cli.classify import read_text
from ecluse.cli.common import DEFAULT_CONFIG, Config, Json, fail, print_json, settings_of
from ecluse.domain.caller import ApplicationId
from ecluse.domain.destination import DestinationId
from ecluse.domain.errors import EcluseError
from ecluse.domain.finding import Classification, DataClass
from ecluse.domain.request import Capability, Slot, SlotPath, Surface
from ecluse.domain.snapshot import Instant, Snapshot
from ecluse.domain.verdict import Question
from ecluse.edge.clock import day_of
from ecluse.edge.config import SettingsError
from ecluse.edge.snapshots import build
from ecluse.passage.classify import classify
from ecluse.passage.decide import decide, resolve
from ecluse.passage.decide import explain as rule
from ecluse.passage.question import Asked, question_of
from ecluse.passage.telling import told


def explain(
    file: Annotated[str | None, typer.Argument(help="A text file in UTF-8, or - for standard input.")] = None,
    *,
    application: Annotated[str, typer.Option("--application", "-a", help="For which application of the settings.")],
    classes: Annotated[str, typer.Option(help="Data classes instead of a text, separated by commas.")] = "",
    model: Annotated[str, typer.Option(help="Which model, alias or `auto`.")] = "auto",
    purpose: Annotated[str | None, typer.Option(help="Which purpose of the application.")] = None,
    language: Annotated[str, typer.Option("--language", "-l", help="Sentences in `en` or `fr`.")] = "en",
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Show what the rules say of each destination, by which rule and source, and what would help."""
    asked = pose(file, classes, application, model, purpose, language, config)
    try:
        document = told(
            asked.snapshot,
            asked.question,
            asked.found,
            decide(asked.snapshot, asked.question, asked.candidates, now=asked.now),
            rule(asked.snapshot, asked.question, asked.candidates, now=asked.now),
            language,
        )
    except EcluseError as error:
        fail(error.sentence(language))
    if json:
        print_json(document)
    else:
        _show(document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posed:
    """A question about a text or classes, and what it is asked of."""

    snapshot: Snapshot
    question: Question
    found: Classification
    candidates: tuple[DestinationId, ...]
    now: Instant


def pose(
    file: str | None, classes: str, application: str, model: str, purpose: str | None, language: str, config: Path
) -> Posed:
    """Read a text or classes and pose the question that the walk would. Leaves with what is wrong."""
    if (file is None) == (not classes):
        fail("give a text (a file, or -) or --classes, one of the two")
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
        found = (
            Classification(findings=(), detector="stated")
            if file is None
            else classify(snapshot.detector, (Slot(path=SlotPath("text"), text=read_text(file)),))
        )
        question = question_of(record, Asked(purpose=purpose, language=language), Surface.CHAT, found)
        question = question.with_classes(_stated(classes))
        candidates = resolve(snapshot, model, frozenset({Capability.CHAT}))
    except (ValueError, SettingsError, EcluseError) as error:
        fail(error.sentence(language) if isinstance(error, EcluseError) else str(error))
    return Posed(snapshot=snapshot, question=question, found=found, candidates=candidates, now=now)


def _stated(classes: str) -> frozenset[DataClass]:
    names = [name.strip() for name in classes.split(",") if name.strip()]
    known = {c.value for c in DataClass}
    if unknown := [name for name in names if name not in known]:
        fail(f"{unknown[0]!r} is no data class; they are: {', '.join(sorted(known))}")
    return frozenset(DataClass(name) for name in names)


def _show(document: dict[str, Any]) -> None:
    console = Console()
    console.print(f"facts of {document['date']}; data classes: {', '.join(document['classes']) or 'none recognised'}")
    table = Table("destination", "form", "verdict", "rules")
    for ruling in document["rulings"]:
        rules = ruling["permitted_by"] if ruling["permitted"] else [reason["rule"] for reason in ruling["reasons"]]
        name = ruling["destination"] + (" (simulated)" if ruling["simulated"] else "")
        form = "masked" if ruling["masked"] else "as is"
        table.add_row(name, form, "permitted" if ruling["permitted"] else "refused", ", ".join(rules))
    console.print(table)
    for reason in document["reasons"]:
        console.print(f"refused: {reason['reason']} ({reason['rule']}, {reason['basis']}: {reason['source']})")
    for hint in document["would_help"]:
        console.print(f"would help: {hint}")
