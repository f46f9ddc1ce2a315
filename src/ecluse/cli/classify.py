"""`ecluse classify`: what the detector recognises in a document, by itself, with nothing sent or kept."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from ecluse.cli.common import DEFAULT_CONFIG, Json, fail, print_json, settings_of
from ecluse.cli.detecting import Own, detector_for
from ecluse.cli.prove import Language
from ecluse.domain.errors import GatewayError
from ecluse.edge.classification_settings import ClassificationSettings
from ecluse.packs.errors import PackError
from ecluse.scan.examine import Examined, examine
from ecluse.scan.found import SAYS
from ecluse.scan.reading import Reader, ReaderFailed
from ecluse.scan.rendering import html_of


def classify(
    file: Annotated[str, typer.Argument(help="A file of any kind, or - for standard input.")] = "-",
    *,
    json: Json = False,
    html: Annotated[bool, typer.Option("--html", help="Print one page with the text and what was found.")] = False,
    language: Language = "en",
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="The settings, whose table of labels counts.")
    ] = None,
    organisation: Own = None,
) -> None:
    """Show what is recognised in a document: kind, data class, where, how sure, by which recogniser."""
    if organisation is not None and config is None:
        config = DEFAULT_CONFIG
    stated = settings_of(config).classification if config else ClassificationSettings()
    data = _bytes_of(file)
    name = "standard input" if file == "-" else Path(file).name
    try:
        used = detector_for(organisation, config or DEFAULT_CONFIG, tagger=stated.tagger)
        with Reader() as reader:
            examined = examine(name, reader.read(name, data), used, stated.labels)
    except (GatewayError, PackError, ReaderFailed) as error:
        fail(str(error))
    if html:
        typer.echo(html_of(examined, language))
    elif json:
        print_json(told(examined))
    else:
        _show(examined, language)


def told(examined: Examined) -> dict[str, object]:
    """Return what was found in a document as a JSON document, with the texts found."""
    texts = {part.path: part.text for part in examined.parts}
    return {
        "file": examined.name,
        "kind": examined.kind,
        "classes": sorted(examined.classes),
        "findings": [
            {
                "part": f.slot,
                "start": f.start,
                "end": f.end,
                "text": texts[f.slot][f.start : f.end],
                "kind": f.kind,
                "data_class": f.data_class,
                "confidence": round(f.confidence, 3),
                "recogniser": f.recogniser,
                "evidence": f.evidence,
            }
            for f in examined.findings
        ],
        "labels": [
            {
                "part": ruled.label.path,
                "id": ruled.label.id,
                "name": ruled.label.name,
                "data_class": ruled.data_class or "unknown",
            }
            for ruled in examined.labels
        ],
        "parts": [{"part": p.path, "characters": len(p.text), "how": p.how} for p in examined.parts],
        "unread": [
            *({"part": one.path, "why": one.why, "detail": one.detail} for one in examined.unread),
            *({"part": path, "why": "unreadable", "detail": ""} for path in examined.unreadable),
        ],
        "detector": examined.detector,
    }


def _show(examined: Examined, language: str) -> None:
    console = Console()
    texts = {part.path: part.text for part in examined.parts}
    if examined.findings:
        heads = ("where", "text", "kind", "data class", "sure", "recogniser", "evidence")
        table = Table(*(Column(head, overflow="fold") for head in heads))
        for f in examined.findings:
            where = f"{f.start}-{f.end}" if len(texts) == 1 else f"{f.slot} {f.start}-{f.end}"
            found = texts[f.slot][f.start : f.end]
            table.add_row(where, found, f.kind, f.data_class, f"{f.confidence:.3g}", f.recogniser, f.evidence)
        console.print(table)
    for one in examined.unread:
        more = f" ({one.detail})" if one.detail else ""
        typer.echo(f"not read: {one.path}: {SAYS[one.why][language == 'fr']}{more}")
    for path in examined.unreadable:
        typer.echo(f"not read: {path} holds what cannot be read")
    for ruled in examined.labels:
        typer.echo(f"label: {ruled.label.name or ruled.label.id}: {ruled.data_class or 'unknown to the settings'}")
    typer.echo(f"data classes: {', '.join(sorted(examined.classes)) or 'none recognised (which is not: none there)'}")


def _bytes_of(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except IsADirectoryError:
        fail(f"{file} is a folder: name one file, or ask `ecluse assess --corpus {file}`")
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}")


def read_text(file: str) -> str:
    """Read a text argument, or leave with what is wrong."""
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file} cannot be read as UTF-8 text: {error}")
