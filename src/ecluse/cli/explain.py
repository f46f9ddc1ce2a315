"""`ecluse explain`: what the rules say of a text or of data classes, for every destination, with nothing sent."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from ecluse.cli.common import DEFAULT_CONFIG, Config, Json, fail, print_json
from ecluse.cli.posed import pose
from ecluse.domain.errors import EcluseError
from ecluse.passage.decide import decide
from ecluse.passage.decide import explain as rule
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
            asked.contested,
        )
    except EcluseError as error:
        fail(error.sentence(language))
    if json:
        print_json(document)
    else:
        _show(document)


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
    if document["contested"]:
        console.print(f"left out, as two persons agreed: {', '.join(document['contested'])}")
    for reason in document["reasons"]:
        console.print(f"refused: {reason['reason']} ({reason['rule']}, {reason['basis']}: {reason['source']})")
    for hint in document["would_help"]:
        console.print(f"would help: {hint}")
