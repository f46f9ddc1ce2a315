"""`ecluse recognition`: what an organisation has recognised beside what ships, made and tried before it counts.

Law: hashes are made here, with the organisation's key, so that no file of the settings holds what is to be kept secret;
what was hashed is printed nowhere.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from ecluse.cli.classify import read_text
from ecluse.cli.common import DEFAULT_CONFIG, Config, Json, fail, print_json, settings_of
from ecluse.cli.detecting import stated as stated_of
from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import DataClass
from ecluse.domain.request import Slot, SlotPath
from ecluse.edge.config import SettingsError
from ecluse.edge.recognition import entries_of, key_of
from ecluse.edge.recognition_settings import RecognitionSettings
from ecluse.passage.classify import Entry, EntryError, OwnDetector, engine
from ecluse.passage.classify.entries import PREFIX
from ecluse.passage.classify.prints import LEAST_VALUE, RUN, hash_value, shingles, tokens, value_of

app = typer.Typer(help="Have an organisation's own words, patterns and documents recognised.", no_args_is_help=True)
Organisation = Annotated[str, typer.Option("--organisation", "-o", help="Which organisation of the settings.")]
Name = Annotated[str, typer.Option(help="What the entry is called; unique in the organisation.")]
Kind = Annotated[str, typer.Option(help="The kind of its findings, e.g. project_name.")]
Class = Annotated[DataClass, typer.Option("--data-class", help="The data class of its findings, e.g. trade_secret.")]
_ROW = 4
"""Hashes on one line of a file."""


@app.command()
def check(*, config: Config = DEFAULT_CONFIG, json: Json = False) -> None:
    """Read every organisation's entries and list them; leave with 2 where one cannot be used."""
    settings = settings_of(config)
    try:
        rows = [_told(id_, entry) for id_, stated in settings.recognition.items() for entry in _ready(id_, stated)]
    except SettingsError as error:
        fail(str(error))
    if json:
        print_json(rows)
        return
    if not rows:
        typer.echo("No organisation has entries: [recognition.ORGANISATION] in the settings names folders of them.")
        return
    heads = ("organisation", "entry", "kind", "data class", "words", "patterns", "values", "words hashed")
    table = Table(*(Column(head, overflow="fold") for head in heads))
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    Console().print(table)


@app.command("test")
def try_entries(
    file: Annotated[str, typer.Argument(help="A text file in UTF-8, or - for standard input.")],
    *,
    organisation: Organisation,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Show what each entry of an organisation finds in a text, and which find nothing; leave with 1 when none does."""
    try:
        stated = stated_of(settings_of(config), organisation)
        entries = _ready(organisation, stated)
        key = key_of(organisation, stated) if any(entry.is_hashed for entry in entries) else b""
        text = read_text(file)
        found = OwnDetector(engine((), {}), entries, key).own((Slot(path=SlotPath("text"), text=text),))
    except (SettingsError, GatewayError) as error:
        fail(str(error))
    by_entry: dict[str, list[dict[str, object]]] = {entry.name: [] for entry in entries}
    for one in found:
        row: dict[str, object] = {"start": one.start, "end": one.end, "text": text[one.start : one.end]}
        by_entry[one.recogniser.removeprefix(PREFIX)].append(row)
    if json:
        print_json(by_entry)
    for name, rows in () if json else by_entry.items():
        typer.echo(f"{name}: {len(rows) or 'nothing'} found")
        for row in rows:
            typer.echo(f"  {row['start']}-{row['end']}: {row['text']}")
    if not found:
        raise typer.Exit(1)


@app.command()
def fingerprint(
    file: Annotated[str, typer.Argument(help="A document's text in UTF-8, or - for standard input.")],
    *,
    organisation: Organisation,
    name: Name,
    kind: Kind,
    data_class: Class,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Print an entry that recognises passages of a document, without its text."""
    key = _key(config, organisation)
    made = tuple(dict.fromkeys(shingles(key, tokens(read_text(file)))))
    if len(made) < RUN:
        fail(f"{file} is too short: {RUN} words in a row are recognised; for single values: `ecluse recognition hash`")
    _print_entry(name, kind, data_class, fingerprint=frozenset(made))


@app.command("hash")
def hash_values(
    file: Annotated[str, typer.Argument(help="Values in UTF-8, one a line, or - for standard input.")],
    *,
    organisation: Organisation,
    name: Name,
    kind: Kind,
    data_class: Class,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Print an entry that recognises exact values, such as customers' numbers, without them."""
    key = _key(config, organisation)
    plain = [(n, value_of(line)) for n, line in enumerate(read_text(file).splitlines(), 1) if line.strip()]
    if short := [n for n, value in plain if len(value) < LEAST_VALUE]:
        fail(
            f"{file}, line {short[0]}: a value has at least {LEAST_VALUE} letters and digits; shorter ones are anywhere"
        )
    if not plain:
        fail(f"{file} has no value; write one a line")
    hashes = frozenset(hash_value(key, value) for _, value in plain)
    _print_entry(name, kind, data_class, values=hashes, lengths=frozenset(len(value) for _, value in plain))


# ------------------------------------------------------------------ what the commands share
def _ready(organisation: str, stated: RecognitionSettings) -> tuple[Entry, ...]:
    entries = entries_of(organisation, stated)
    if any(entry.is_hashed for entry in entries):
        key_of(organisation, stated)
    return entries


def _key(config: Path, organisation: str) -> bytes:
    try:
        return key_of(organisation, stated_of(settings_of(config), organisation))
    except SettingsError as error:
        fail(str(error))


def _told(organisation: str, entry: Entry) -> dict[str, object]:
    return {
        "organisation": organisation,
        "entry": entry.name,
        "kind": entry.kind,
        "data_class": str(entry.data_class),
        "words": len(entry.words),
        "patterns": len(entry.patterns),
        "values": len(entry.values),
        "hashed_words": len(entry.words_of),
    }


def _print_entry(
    name: str,
    kind: str,
    data_class: DataClass,
    *,
    values: frozenset[bytes] = frozenset(),
    lengths: frozenset[int] = frozenset(),
    fingerprint: frozenset[bytes] = frozenset(),
) -> None:
    try:
        Entry(name=name, kind=kind, data_class=data_class, values=values, lengths=lengths, words_of=fingerprint)
    except EntryError as error:
        fail(f"--{error.field.replace('_', '-')}: {error.why}")
    typer.echo(f'[[entry]]\nname = "{name}"\nkind = "{kind}"\ndata_class = "{data_class}"')
    for field, hashes in (("values", values), ("fingerprint", fingerprint)):
        ordered = sorted(hashes)
        rows = [b"".join(ordered[at : at + _ROW]).hex() for at in range(0, len(ordered), _ROW)]
        if rows:
            typer.echo(f"{field} = [\n" + "\n".join(f'  "{row}",' for row in rows) + "\n]")
    if lengths:
        typer.echo(f"lengths = {sorted(lengths)}")
