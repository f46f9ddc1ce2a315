"""`ecluse assess`: the residual risk of one's own documents: what is in them, who can be told in them once masked."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from ecluse.cli.common import DEFAULT_CONFIG, Json, fail, print_json
from ecluse.cli.detecting import Own, Where, detector_for
from ecluse.cli.prove import Language
from ecluse.domain.masking import MaskingStyle, Quasi
from ecluse.edge.clock import SystemClock, day_of
from ecluse.edge.reports import html_of
from ecluse.packs.errors import PackError
from ecluse.prove.reports import Report
from ecluse.scan.assess.assessment import Corpus
from ecluse.scan.assess.corpus import content, files
from ecluse.scan.assess.document import assess as assessed
from ecluse.scan.assess.report import report
from ecluse.scan.found import Reading, Unread, Why
from ecluse.scan.opening import Limits
from ecluse.scan.reading import Reader, ReaderFailed


def assess(
    *,
    corpus: Annotated[Path, typer.Option("--corpus", help="A folder; those in it are read too, links are not.")],
    json: Json = False,
    html: Annotated[Path | None, typer.Option("--html", help="Write the report to this file as one page.")] = None,
    generalise: Annotated[list[Quasi] | None, typer.Option(help="Mask with ages, dates or postcodes coarser.")] = None,
    examples: Annotated[
        bool, typer.Option("--examples", help="Name files and quote masked text: the report then holds personal data.")
    ] = False,
    no_tagger: Annotated[bool, typer.Option("--no-tagger", help="Leave out the statistical tagger: faster.")] = False,
    language: Language = "en",
    organisation: Own = None,
    config: Where = DEFAULT_CONFIG,
) -> None:
    """Count what is in a folder of documents, mask each as a request is, then attack what is left. Nothing is sent."""
    engine = detector_for(organisation, config, tagger=not no_tagger)
    style = MaskingStyle(generalised=frozenset(generalise or ()))
    found, key = Corpus(), secrets.token_bytes(32)
    try:
        if not corpus.is_dir():
            fail(f"{corpus} is no folder that can be read")
        held = files(corpus)
        if not held:
            fail(f"{corpus} holds no file")
        with Reader() as reader:
            for name, reading in _readings(reader, corpus, held):
                found.add(assessed(name, reading, engine, key=key, style=style, examples=examples))
    except (PackError, ReaderFailed, OSError) as error:
        fail(str(error))
    told = found.assessed(
        detector=engine.version,
        day=day_of(SystemClock().now()).isoformat(),
        generalised=sorted(style.generalised),
        examples=examples,
    )
    if html is not None:
        _write(html, html_of(report(told, language)))
    if json:
        print_json(told)
    elif html is None:
        for line in lines(report(told, language)):
            typer.echo(line)


def _readings(reader: Reader, corpus: Path, held: list[Path]) -> Iterator[tuple[str, Reading]]:
    console = Console(stderr=True)
    most = Limits().unfolded
    for file in track(held, "documents", console=console, disable=not console.is_terminal):
        name = file.relative_to(corpus).as_posix()
        try:
            data = content(file, most)
        except OSError:
            yield name, _lost(name, Why.BROKEN, "it cannot be opened")
            continue
        yield name, reader.read(name, data) if data is not None else _lost(name, Why.TOO_LARGE, "or no file")


def _lost(name: str, why: Why, detail: str) -> Reading:
    return Reading(kind="", unread=[Unread(path=name, why=why, detail=detail)])


def _write(file: Path, page: str) -> None:
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}")
    typer.echo(f"written: {file}", err=True)


def lines(report_: Report) -> Iterator[str]:
    """Write a report as lines of text."""
    yield from (report_.title, *report_.intro)
    for section in report_.sections:
        yield from ("", section.title, *(f"  {said}" for said in section.says))
        if section.table:
            rows = (section.table.columns, *section.table.rows)
            widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
            for row in rows:
                yield "  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
