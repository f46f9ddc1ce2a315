"""`ecluse trail`: verify the record, read it, and take a checkpoint away to hold it to.

Law: it only reads, needs no secret, and works while the gateway serves. Exit code 0: the trail holds; 1: it does not,
or there is nothing to show; 2: it could not be looked at.
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from ecluse.cli.common import Json, fail, print_json
from ecluse.domain.errors import VerificationFailed
from ecluse.domain.trail import EntryId, PassageId
from ecluse.edge.keys import state as where
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.stores.reader import TrailReader
from ecluse.passage.record import EntryRefused, parse
from ecluse.passage.record.checkpoint import VerifierKey, parse_vkey
from ecluse.passage.record.checkpoint import verify as verify_note
from ecluse.prove.faults import TrailFault
from ecluse.prove.verify import Report, Row, verify_trail

app = typer.Typer(help="Verify, read and checkpoint the trail.", no_args_is_help=True)

State = Annotated[Path, typer.Option("--state-dir", help="The folder that holds the gateway's state.")]
Vkey = Annotated[
    str | None,
    typer.Option(help="The log's public key, or a file that has it; by default the one in the state directory."),
]
Language = Annotated[Literal["en", "fr"], typer.Option("--language", "-l", help="Sentences in `en` or `fr`.")]

INDEX_DIGITS = 18
ID_DIGITS = 32

HOLDS = {
    "en": (
        "The trail holds: {size} entries, each computed again from its bytes.",
        "{intents} intents, {refusals} refusals, {outcomes} outcomes, {admins} administrative acts.",
        "Written from {first} to {last}.",
        "{checkpoints} signed checkpoints match, and {against} that you brought.",
        "{unsealed} entries at the end are not under a signed checkpoint yet.",
        "{open} passages have no outcome yet: under way, or cut off and settled at the next start.",
        "Key: {key}",
        "Is it the key that you were given? Its holder can rewrite whatever no checkpoint kept elsewhere covers.",
        "Keep one (`ecluse trail checkpoint`) and bring it next time (`--against`).",
        "This shows that the record is whole and unchanged, not that what it says is true.",
    ),
    "fr": (
        "Le registre est intact : {size} entrées, chacune recalculée à partir de ses octets.",
        "{intents} intentions, {refusals} refus, {outcomes} issues, {admins} actes d'administration.",
        "Écrites du {first} au {last}.",
        "{checkpoints} points de contrôle signés concordent, et {against} que vous avez fournis.",
        "{unsealed} entrées à la fin ne sont pas encore couvertes par un point de contrôle signé.",
        "{open} passages n'ont pas encore d'issue : en cours, ou interrompus et clos au prochain démarrage.",
        "Clé : {key}",
        "Est-ce la clé qui vous a été remise ? Son détenteur peut réécrire ce que ne couvre aucun point de contrôle",
        "conservé ailleurs : gardez-en un (`ecluse trail checkpoint`) et fournissez-le (`--against`).",
        "Cela montre que le registre est complet et inchangé, non que ce qu'il dit est vrai.",
    ),
}
"""One sentence a line; those on what is not there are left out."""


@app.command()
def verify(
    *,
    state_dir: State = where.DEFAULT,
    against: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint that was kept elsewhere; may be given several times.")
    ] = None,
    vkey: Vkey = None,
    language: Language = "en",
    json: Json = False,
) -> None:
    """Compute the whole trail again and compare it with its signed checkpoints. Names the first entry that is wrong."""
    key = _key(state_dir, vkey)
    kept = [_text(path) for path in against or ()]
    reader = _reader(state_dir)
    try:
        rows, notes = reader.everything()
        report = verify_trail(rows, notes, key, against=kept)
    except TrailFault as fault:
        _say_fault(fault, language, json=json)
    except StoreError as error:
        fail(str(error))
    finally:
        reader.close()
    if json:
        print_json({"holds": True, **asdict(report), "key": key.vkey})
    else:
        for line in _sentences(report, key, language):
            typer.echo(line)


@app.command()
def show(
    entry: Annotated[str | None, typer.Argument(help="An index, an entry's id, or a passage's id.")] = None,
    *,
    last: Annotated[int | None, typer.Option(min=1, max=1000, help="Show the last entries instead.")] = None,
    state_dir: State = where.DEFAULT,
    json: Json = False,
) -> None:
    """Show entries as they were recorded: an entry, all those of a passage, or the last ones."""
    if (entry is None) == (last is None):
        fail("name an entry or a passage, or ask for `--last N`")
    reader = _reader(state_dir)
    try:
        size = reader.size()
        rows = list(reader.rows(max(0, size - last), size)) if last else _found(reader, entry or "")
    except StoreError as error:
        fail(str(error))
    finally:
        reader.close()
    if not rows:
        fail("the trail has no such entry", 1)
    told = [_told(row) for row in rows]
    if json:
        print_json(told)
        return
    for item in told:
        body = item.pop("body")
        typer.echo("  ".join(f"{name} {value}" for name, value in item.items()))
        for name, value in body.items() if isinstance(body, dict) else ():
            typer.echo(f"    {name}: {_plain(value)}")


@app.command()
def checkpoint(*, state_dir: State = where.DEFAULT, vkey: Vkey = None, json: Json = False) -> None:
    """Print the newest signed checkpoint. Keep it elsewhere: it holds the trail to what it says today."""
    reader = _reader(state_dir)
    try:
        note = reader.last_note()
    finally:
        reader.close()
    if note is None:
        fail("the trail has no entry yet, so no checkpoint", 1)
    if not json:
        typer.echo(note, nl=False)
        return
    key = _key(state_dir, vkey)
    try:
        head = verify_note(note, key)
    except VerificationFailed as error:
        fail(f"the newest checkpoint does not verify: {error}", 1)
    print_json({"origin": head.origin, "size": head.size, "root": head.root.hex(), "key": key.vkey, "note": note})


def _say_fault(fault: TrailFault, language: str, *, json: bool) -> None:
    sentence = fault.sentence(language)
    if json:
        print_json({"holds": False, "fault": fault.fault, "entry": fault.index, "sentence": sentence})
    else:
        typer.echo("Le registre n'est PAS intact." if language == "fr" else "The trail does NOT hold.")
        typer.echo(sentence)
    raise typer.Exit(1)


def _sentences(report: Report, key: VerifierKey, language: str) -> Sequence[str]:
    told = {**asdict(report), "first": report.first or "-", "last": report.last or "-", "key": key.vkey}
    silent = {"{unsealed}": report.unsealed == 0, "{open}": report.open == 0, "{first}": report.size == 0}
    return [
        sentence.format(**told)
        for sentence in HOLDS[language]
        if not any(quiet and word in sentence for word, quiet in silent.items())
    ]


def _found(reader: TrailReader, named: str) -> Sequence[Row]:
    if named.isascii() and named.isdigit() and len(named) <= INDEX_DIGITS:
        return list(reader.rows(int(named), int(named) + 1))
    index = reader.index_of(EntryId(named)) if len(named) == ID_DIGITS else None
    return reader.of_passage(PassageId(named)) if index is None else list(reader.rows(index, index + 1))


def _told(row: Row) -> dict[str, object]:
    index, data, _ = row
    try:
        entry = parse(data)
    except EntryRefused:
        fail(f"entry {index} cannot be read; `ecluse trail verify` says what is wrong", 1)
    return {
        "index": index,
        "kind": entry.kind,
        "at": entry.at,
        "id": entry.id,
        "passage": entry.passage,
        "body": dict(entry.body),
    }


def _plain(value: object) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ", ".join(map(_plain, value)) or "-"
        case dict():
            return ", ".join(f"{name} {_plain(member)}" for name, member in value.items()) or "-"
        case _:
            return str(value)


def _reader(state: Path) -> TrailReader:
    try:
        return TrailReader.open(where.trail(state))
    except StoreError as error:
        fail(str(error))


def _key(state: Path, given: str | None) -> VerifierKey:
    text = given if given and "+" in given else _text(Path(given) if given else where.vkey(state))
    try:
        return parse_vkey(text.strip())
    except VerificationFailed as error:
        fail(str(error))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{path} cannot be read: {error}")
