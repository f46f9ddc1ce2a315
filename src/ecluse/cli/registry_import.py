"""`ecluse registry import`: dated facts out of an authority's own document, as a file of facts of one's own.

Law: a document that looks wrong is refused whole; what it says is written with its date and compared with what is on
record; what it no longer lists ends on its day. Nothing is changed but the file that was asked for.
"""

import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from ecluse.cli.common import Json, fail, print_json
from ecluse.cli.facts import Facts, registry_of
from ecluse.packs.errors import PackError
from ecluse.packs.registry import Registry
from ecluse.packs.registry.anssi import Catalogue, Qualified, read_catalogue
from ecluse.packs.registry.facts import Scheme
from ecluse.packs.registry.model import OfferRecord

URL = (
    "https://messervices.cyber.gouv.fr/visas/"
    "catalogue-produits-services-profils-de-protection-sites-certifies-qualifies-agrees-anssi.pdf"
)
SECONDS = 60
TOOL = "pdftotext"

app = typer.Typer(help="Read facts out of an authority's document.", no_args_is_help=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An offer on record and what the catalogue says of it; None when it no longer lists it."""

    offer: str
    found: Qualified | None
    changed: bool


@app.callback()
def _group() -> None:
    """Read facts out of an authority's document."""


@app.command("anssi")
def anssi(
    file: Annotated[Path, typer.Argument(help="ANSSI's catalogue of qualified services, as PDF.")],
    *,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the facts to this TOML file, for a folder of your own.")
    ] = None,
    registry: Facts = None,
    json: Json = False,
) -> None:
    """Read section 3.3.1 (SecNumCloud) and compare it with the record. Exit code 1 when they differ."""
    try:
        catalogue = read_catalogue(file.name, text_of(file))
    except PackError as error:
        fail(str(error))
    known = registry_of(registry)
    matches = list(_matches(known, catalogue))
    others = [one for one in catalogue.services if all(one is not match.found for match in matches)]
    if out is not None:
        out.write_text(facts_of(catalogue, matches, known), encoding="utf-8")
    document = _told(catalogue, matches, others)
    if json:
        print_json(document)
    else:
        for line in _lines(document):
            typer.echo(line)
    if any(match.changed for match in matches):
        raise typer.Exit(1)


def text_of(file: Path) -> str:
    """Return the text of a PDF in the layout of its pages, by poppler. Raises PackError."""
    if shutil.which(TOOL) is None:
        fail(f"{TOOL} is not installed; on Debian: apt-get install poppler-utils")
    if not file.is_file():
        raise PackError(file.name, "", "is not there; give the PDF of the catalogue, as ANSSI publishes it")
    try:
        done = subprocess.run(  # noqa: S603 - a program by name, a file as its argument
            [TOOL, "-layout", "-enc", "UTF-8", "--", str(file), "-"],
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PackError(file.name, "", f"cannot be read within {SECONDS} s: {type(error).__name__}") from None
    if done.returncode:
        raise PackError(file.name, "", "is no PDF that can be read")
    return done.stdout.decode("utf-8", "replace")


def _matches(registry: Registry, catalogue: Catalogue) -> Iterator[Match]:
    """Find each qualified offer of the record in the catalogue: by its decision, else by its name."""
    for id_, record in registry.offers.items():
        held = [row for row in record.offer.attestations if row.scheme == Scheme.SECNUMCLOUD]
        found = _found(record, [row.reference for row in held], catalogue)
        if not held and found is None:
            continue
        same = found is not None and any(
            (row.valid_from, row.valid_until) == (found.valid_from, found.valid_until) for row in held
        )
        ended = found is None and all(row.valid_until and row.valid_until <= catalogue.updated for row in held)
        yield Match(offer=id_, found=found, changed=not (same or ended))


def _found(record: OfferRecord, references: Sequence[str], catalogue: Catalogue) -> Qualified | None:
    for one in catalogue.services:
        if one.decision and any(reference.split()[-1] == one.decision for reference in references):
            return one
    name = record.offer.name.casefold()
    return next((one for one in catalogue.services if name.startswith(one.service.casefold())), None)


def facts_of(catalogue: Catalogue, matches: Sequence[Match], registry: Registry) -> str:
    """Write what the catalogue says of the offers on record, as a file of facts."""
    day = catalogue.updated
    lines = [
        f"# SecNumCloud by ANSSI's catalogue of {day}, section 3.3.1. Written by `ecluse registry import anssi`.",
        "",
        "[[sources]]",
        f'id = "anssi_catalogue_{day:%Y_%m_%d}"',
        f'title = "ANSSI catalogue of qualified services, section 3.3.1, {day}"',
        f'url = "{URL}"',
        f"as_of = {day}",
        'confidence = "high"',
        'kind = "primary"',
    ]
    for match in matches:
        lines += ["", "[[attestations]]", f'offer = "{match.offer}"', 'scheme = "secnumcloud"']
        lines += _attested(match.found, day) if match.found else _ended(registry, match.offer, day)
        lines.append(f'source = "anssi_catalogue_{day:%Y_%m_%d}"')
    return "\n".join(lines) + "\n"


def _attested(one: Qualified, day: date) -> list[str]:
    number = f"ANSSI decision {one.decision}" if one.decision else f"ANSSI catalogue of {day}, no decision number"
    kinds = ", ".join(f'"{kind}"' for kind in one.kinds)
    return [
        f'reference = "{number}"',
        f"valid_from = {one.valid_from}",
        f"valid_until = {one.valid_until}",
        f"scope = [{kinds}]",
    ]


def _ended(registry: Registry, offer: str, day: date) -> list[str]:
    """Write an attestation that ends on the day of the catalogue that no longer lists it."""
    record = next(record for id_, record in registry.offers.items() if id_ == offer)
    row = next(row for row in record.offer.attestations if row.scheme == Scheme.SECNUMCLOUD)
    begins = [f"valid_from = {row.valid_from}"] if row.valid_from and row.valid_from < day else []
    return [f'reference = "{row.reference}"', *begins, f"valid_until = {day}", f'note = "no longer listed on {day}"']


def _told(catalogue: Catalogue, matches: Sequence[Match], others: Sequence[Qualified]) -> dict[str, Any]:
    return {
        "updated": catalogue.updated.isoformat(),
        "services": len(catalogue.services),
        "offers": [
            {
                "offer": match.offer,
                "status": "not_listed" if match.found is None else "changed" if match.changed else "as_recorded",
                **({} if match.found is None else _service(match.found)),
            }
            for match in matches
        ],
        "not_on_record": [_service(one) for one in others],
    }


def _service(one: Qualified) -> dict[str, Any]:
    return {
        "provider": one.provider,
        "service": one.service,
        "kinds": list(one.kinds),
        "valid_from": one.valid_from.isoformat(),
        "valid_until": one.valid_until.isoformat(),
        "decision": one.decision,
    }


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    yield f"catalogue of {document['updated']}: {document['services']} services"
    for one in document["offers"]:
        ends = f" until {one['valid_until']} (decision {one['decision'] or '-'})" if "service" in one else ""
        yield f"{one['status']:<12} {one['offer']}{ends}"
    for one in document["not_on_record"]:
        yield f"{'not on record':<12} {one['provider']}: {one['service']} until {one['valid_until']}"
