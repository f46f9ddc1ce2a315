"""`ecluse doctor`: what to mend in a set-up, and the ceiling of this place: which data it may hold and send at most.

Law: it reads and tells. Exit code 0: nothing to mend; 1: something is; 2: the settings do not load.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table

from ecluse.app import clock as clock_of
from ecluse.app import grounds
from ecluse.cli.common import DEFAULT_CONFIG, Config, Json, fail, print_json, settings_of
from ecluse.domain.destination import DestinationId
from ecluse.domain.errors import EcluseError
from ecluse.edge.clock import day_of
from ecluse.edge.config import SettingsError
from ecluse.edge.doctor import Grade, Remark, certificate_remarks, counting_remarks, examine, vault_remarks
from ecluse.edge.keys import state as where
from ecluse.edge.located import located
from ecluse.edge.shared.opening import counters_of
from ecluse.edge.snapshots import build
from ecluse.packs.registry import establish
from ecluse.prove.ceiling import Level, ceiling

MARKS = {Grade.GOOD: "good ", Grade.WEIGH: "weigh", Grade.MEND: "MEND "}
WORDS = {
    "en": {
        "title": "What may pass here at most, one data class at a time",
        "application": "application",
        "class": "data class",
        "gateway": "the gateway",
        "goes": "could go to",
        "holds": "may hold it",
        "not": "may not hold it",
        "none": "nowhere",
        "colon": ":",
        "masked": "masked",
        "public": "nothing found",
        "counts": "{mend} to mend, {weigh} to weigh, {good} good",
        "scope": (
            "Looked at: settings, secrets' references, facts, rules, state directory, the trail's store, counters. "
            "Not looked at: providers (nothing was sent), backups, the network in front, the machine's clock."
        ),
    },
    "fr": {
        "title": "Ce qui peut passer ici au plus, classe par classe",
        "application": "application",
        "class": "classe de données",
        "gateway": "la passerelle",
        "goes": "pourrait aller vers",
        "holds": "peut la détenir",
        "not": "ne peut pas la détenir",
        "none": "nulle part",
        "colon": " :",
        "masked": "pseudonymisée",
        "public": "rien de détecté",
        "counts": "{mend} à corriger, {weigh} à peser, {good} en ordre",
        "scope": (
            "Examinés : configuration, références des secrets, faits, règles, dossier d'état, base de la trace, "
            "compteurs. Non examinés : les prestataires (rien n'a été envoyé), les sauvegardes, le réseau en amont, "
            "l'horloge de la machine."
        ),
    },
}


def doctor(
    *,
    config: Config = DEFAULT_CONFIG,
    language: Annotated[
        Literal["en", "fr"], typer.Option("--language", "-l", help="The ceiling in `en` or `fr`.")
    ] = "en",
    json: Json = False,
) -> None:
    """Say what to mend, and which data this gateway may hold and send at most. Sends nothing."""
    settings = settings_of(config)
    try:
        base = grounds(settings)
        now = clock_of(settings).now()
        snapshot = build(base, day_of(now))
        known = frozenset[DestinationId](establish(base.registry, day_of(now)))
        state = Path(settings.gateway.state_dir)
        counting = counting_remarks(settings.shared, partial(counters_of, state=state), now, where.spent(state))
        certificates = certificate_remarks(settings.egress.ca_bundle, settings.egress.tls, now)
        vault = vault_remarks(settings, snapshot, now)
        remarks = examine(settings, snapshot, known, [*counting, *certificates, *vault])
        levels = [level for one in base.applications.values() for level in ceiling(snapshot, one, now=now)]
    except (SettingsError, EcluseError, ValueError) as error:
        said = located(str(error), config) if isinstance(error, SettingsError) else error
        fail(f"the settings do not load: {said}")
    if json:
        print_json({"remarks": [_remark(one) for one in remarks], "ceiling": [_level(level) for level in levels]})
    else:
        _show(remarks, levels, language)
    if any(remark.grade is Grade.MEND for remark in remarks):
        raise typer.Exit(1)


def _remark(remark: Remark) -> dict[str, str]:
    told = {"about": remark.about, "grade": remark.grade.value, "says": remark.says}
    return told | ({"next_step": remark.next_step} if remark.next_step else {})


def _level(level: Level) -> dict[str, Any]:
    return {
        "application": level.application.id,
        "class": level.data_class,
        "held": level.place is None,
        "destinations": [{"id": choice.destination, "masked": choice.masked} for choice in level.choices],
        "refused_by": [reason.rule for reason in level.reasons],
    }


def _show(remarks: Sequence[Remark], levels: list[Level], language: str) -> None:
    words = WORDS[language]
    for remark in remarks:
        typer.echo(f"{MARKS[remark.grade]} {remark.about}: {remark.says}")
        if remark.next_step:
            typer.echo(f"      -> {remark.next_step}")
    counts = {grade.value: sum(remark.grade is grade for remark in remarks) for grade in Grade}
    typer.echo("\n" + words["counts"].format(**counts))
    table = Table(words["application"], words["class"], words["gateway"], words["goes"], title=words["title"])
    last = None
    for level in levels:
        name = "" if level.application.id == last else str(level.application.id)
        last = level.application.id
        goes = [f"{c.destination} ({words['masked']})" if c.masked else str(c.destination) for c in level.choices]
        table.add_row(
            name,
            words["public"] if level.data_class is None else level.data_class.value,
            words["holds"] if level.place is None else words["not"],
            "\n".join(goes) or f"{words['none']}{words['colon']} {', '.join(reason.rule for reason in level.reasons)}",
        )
    Console().print(table)
    typer.echo(words["scope"])
