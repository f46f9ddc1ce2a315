"""`ecluse classify`: what the detector recognises in a text, by itself, with nothing sent or kept."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ecluse.app import detector
from ecluse.cli.common import Json, fail, print_json
from ecluse.domain.errors import GatewayError
from ecluse.domain.request import Slot, SlotPath
from ecluse.packs.errors import PackError
from ecluse.passage.classify import classify as search


def classify(
    file: Annotated[str, typer.Argument(help="A text file in UTF-8, or - for standard input.")] = "-",
    *,
    json: Json = False,
) -> None:
    """Show what is recognised in a text: kind, data class, where, how sure, by which recogniser."""
    text = read_text(file)
    try:
        found = search(detector(), (Slot(path=SlotPath("text"), text=text),))
    except (GatewayError, PackError) as error:
        fail(str(error))
    rows = [
        {
            "start": f.start,
            "end": f.end,
            "text": text[f.start : f.end],
            "kind": f.kind,
            "data_class": f.data_class,
            "confidence": round(f.confidence, 3),
            "recogniser": f.recogniser,
            "evidence": f.evidence,
        }
        for f in found.findings
    ]
    if json:
        print_json({"classes": sorted(found.classes), "findings": rows, "detector": found.detector})
        return
    table = Table("where", "text", "kind", "data class", "sure", "recogniser", "evidence")
    for row in rows:
        where = f"{row['start']}-{row['end']}"
        table.add_row(
            where, *(str(row[k]) for k in ("text", "kind", "data_class", "confidence", "recogniser", "evidence"))
        )
    console = Console()
    if rows:
        console.print(table)
    console.print(f"data classes: {', '.join(sorted(found.classes)) or 'none recognised (which is not: none there)'}")


def read_text(file: str) -> str:
    """Read a text argument, or leave with what is wrong."""
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file} cannot be read as UTF-8 text: {error}")
