"""`ecluse trail verify`: does the record hold, or one receipt of it?

Law: everything is computed again; the keys are the reader's to bring. It says what a verified trail does not show.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ecluse.cli.common import Json, fail, print_json
from ecluse.cli.trail.options import (
    Language,
    State,
    Vkey,
    Witnesses,
    log_key,
    reader_of,
    text_of,
    witness_keys,
)
from ecluse.domain.errors import VerificationFailed
from ecluse.domain.snapshot import Instant
from ecluse.edge.keys import state as where
from ecluse.edge.stores.errors import StoreError
from ecluse.edge.witnessed import beside, witnessed
from ecluse.passage.record import timestamp
from ecluse.passage.record.checkpoint import VerifierKey
from ecluse.passage.record.checkpoint import verify as verify_note
from ecluse.passage.record.cosign import cosigned_at
from ecluse.prove.faults import Fault, TrailFault
from ecluse.prove.receipt import Proven, verify_receipt
from ecluse.prove.verify import Report, verify_trail

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

RECEIPT_HOLDS = {
    "en": (
        "The receipt holds: {kind} of {at}, entry {index} of the {size} under this signed checkpoint.",
        "Key: {key}",
        "Is it the key that you were given? The receipt shows that the entry was recorded, not that it is true.",
    ),
    "fr": (
        "La preuve est valable : {kind} du {at}, entrée {index} des {size} sous ce point de contrôle signé.",
        "Clé : {key}",
        "Est-ce la clé qui vous a été remise ? La preuve montre que l'entrée a été inscrite, non qu'elle est vraie.",
    ),
}
RECEIPT_OBSERVED = {
    "en": "Observed: would have been refused by {rules}, if enforced.",
    "fr": "Observé : aurait été refusée par {rules}, si appliqué.",
}
RECEIPT_FALLS = {"en": "The receipt does NOT hold.", "fr": "La preuve n'est PAS valable."}
WITNESSED = {
    "en": "The witness {name} saw the same {size} entries at {at}.",
    "fr": "Le témoin {name} a vu les mêmes {size} entrées le {at}.",
}
END_OF_TIME = 253_402_300_799
"""The last second that a date can say; a witness may sign any number."""


def verify(
    *,
    state_dir: State = where.DEFAULT,
    receipt: Annotated[
        Path | None, typer.Option(help="Verify this receipt alone: only the public key is needed, and no trail.")
    ] = None,
    against: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint that was kept elsewhere; may be given several times.")
    ] = None,
    vkey: Vkey = None,
    witness: Witnesses = None,
    language: Language = "en",
    json: Json = False,
) -> None:
    """Compute the whole trail again and compare it with its signed checkpoints. Names the first entry that is wrong."""
    key, witnesses = log_key(state_dir, vkey), witness_keys(witness)
    if receipt is not None:
        _receipt(text_of(receipt), key, witnesses, language, json=json)
        return
    kept = [text_of(path) for path in against or ()]
    marks = _beside(state_dir)
    reader = reader_of(state_dir)
    try:
        rows, notes = reader.everything()
        seen = [_newest_of(one, [*kept, *witnessed(state_dir), *notes]) for one in witnesses]
        report = verify_trail(rows, notes, key, against=[*kept, *seen], beside=marks)
    except TrailFault as fault:
        _say_fault(fault, language, json=json)
    except StoreError as error:
        fail(str(error))
    finally:
        reader.close()
    times = {one.name: cosigned_at(note, one) for one, note in zip(witnesses, seen, strict=True)}
    sizes = {one.name: verify_note(note, key).size for one, note in zip(witnesses, seen, strict=True)}
    if json:
        told = [{"witness": name, "size": sizes[name], "at": _instant(times[name])} for name in times]
        print_json({"holds": True, **asdict(report), "witnesses": told, "key": key.vkey})
        return
    for line in _sentences(report, key, language):
        typer.echo(line)
    for name, seconds in times.items():
        typer.echo(WITNESSED[language].format(name=name, size=sizes[name], at=_instant(seconds)))


def _beside(state: Path) -> list[str]:
    """Read the heads that are kept beside the trail, or leave with why not."""
    try:
        return beside(state)
    except (OSError, UnicodeDecodeError) as error:
        fail(f"a head kept beside the trail cannot be read: {error}")


def _newest_of(witness: VerifierKey, notes: Sequence[str]) -> str:
    """Return the largest checkpoint that a witness cosigned. Raises TrailFault when there is none."""
    found: list[tuple[int, str]] = []
    for note in notes:
        try:
            cosigned_at(note, witness)
        except VerificationFailed:
            continue
        found.append((int(note.split("\n", 2)[1]), note))
    if not found:
        raise TrailFault(Fault.UNWITNESSED, name=witness.name)
    return max(found)[1]


def _receipt(text: str, key: VerifierKey, witnesses: Sequence[VerifierKey], language: str, *, json: bool) -> None:
    try:
        proven = verify_receipt(text, key, witnesses)
    except VerificationFailed as error:
        if json:
            print_json({"holds": False, "why": str(error)})
        else:
            typer.echo(f"{RECEIPT_FALLS[language]}\n{error}")
        raise typer.Exit(1) from None
    if json:
        print_json(_proven(proven, key))
        return
    entry = proven.entry
    for sentence in RECEIPT_HOLDS[language]:
        typer.echo(
            sentence.format(
                kind=entry.kind.value, at=entry.at, index=proven.index, size=proven.checkpoint.size, key=key.vkey
            )
        )
    if watched := entry.body.get("observed"):
        rules = ", ".join(map(str, watched)) if isinstance(watched, tuple | list) else str(watched)
        typer.echo(RECEIPT_OBSERVED[language].format(rules=rules))
    for name, seconds in proven.witnesses.items():
        typer.echo(WITNESSED[language].format(name=name, size=proven.checkpoint.size, at=_instant(seconds)))


def _proven(proven: Proven, key: VerifierKey) -> Mapping[str, object]:
    entry = proven.entry
    return {
        "holds": True,
        "index": proven.index,
        "size": proven.checkpoint.size,
        "root": proven.checkpoint.root.hex(),
        "witnesses": {name: _instant(seconds) for name, seconds in proven.witnesses.items()},
        "entry": {"kind": entry.kind, "id": entry.id, "at": entry.at, "body": dict(entry.body)},
        "key": key.vkey,
    }


def _instant(seconds: int) -> str:
    return timestamp(Instant(min(seconds, END_OF_TIME) * 1000))


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
