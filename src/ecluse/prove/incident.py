"""A fact or a rule was wrong for a time: what went where that should not have, and whom the law may want told.

Law: it counts what the mended rules and facts would not have let go where it went; it never says that nothing happened,
only that nothing on record did. Whether a duty applies is for a person to decide: each is named with its text.
Sources: Regulation (EU) 2016/679, articles 33 and 34; Regulation (EU) 2022/2554, articles 18 and 19.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ecluse.domain.caller import Application, ApplicationId, CallerKind
from ecluse.domain.destination import Destination, DestinationId
from ecluse.domain.finding import DataClass
from ecluse.domain.party import ProviderId
from ecluse.domain.verdict import Choice, RuleId
from ecluse.prove.simulate import Fate, Replayed

PERSONAL = frozenset(
    {DataClass.PERSONAL, DataClass.NATIONAL_ID, DataClass.PAYMENT, DataClass.HEALTH, DataClass.SPECIAL}
)
GRAVE = frozenset({DataClass.NATIONAL_ID, DataClass.PAYMENT, DataClass.HEALTH, DataClass.SPECIAL})
STATE = frozenset({DataClass.RESTRICTED, DataClass.CLASSIFIED, DataClass.SREN31})


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """What one application sent to one destination in one form and should not have. `counts` are findings by kind.

    `recipients` are those of the hosted tools that went with it, each with its provider, and `classes` are also those
    that these tools might bring.
    """

    application: ApplicationId
    choice: Choice
    provider: ProviderId | None
    requests: int
    first: str
    last: str
    classes: frozenset[DataClass]
    counts: Mapping[str, int]
    rules: tuple[RuleId, ...]
    recipients: Mapping[DestinationId, ProviderId | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Something that the law may ask, in both languages. `hours` is its delay once one knows, if the text has one."""

    en: str
    fr: str
    source: str
    hours: int | None = None


def exposures(replayed: Iterable[Replayed], destinations: Mapping[DestinationId, Destination]) -> tuple[Exposed, ...]:
    """Gather the requests that left and would not leave that way now, by application, where they went and to whom else.

    `destinations` are those on record, recipients of hosted tools included.
    """
    groups: dict[tuple[ApplicationId, Choice, frozenset[DestinationId]], list[Replayed]] = {}
    for one in replayed:
        if one.fate in {Fate.REFUSED, Fate.ELSEWHERE}:
            for choice in {entry.choice for entry in one.passages if entry.choice is not None}:
                groups.setdefault((one.past.application, choice, one.past.recipients), []).append(one)
    found = [_exposed(application, choice, same, destinations) for (application, choice, _), same in groups.items()]
    return tuple(
        sorted(found, key=lambda one: (-one.requests, one.application, one.choice.destination, *one.recipients))
    )


def _exposed(
    application: ApplicationId,
    choice: Choice,
    same: list[Replayed],
    destinations: Mapping[DestinationId, Destination],
) -> Exposed:
    passages = [entry for one in same for entry in one.passages if entry.choice == choice]
    counts: Counter[str] = Counter()
    for entry in passages:
        counts.update(entry.counts)
    known = destinations.get(choice.destination)
    brought = frozenset(data_class for entry in passages for data_class in entry.brought)
    receiving = sorted({id_ for one in same for id_ in one.past.recipients})
    return Exposed(
        application=application,
        choice=choice,
        provider=known.provider if known else None,
        requests=len({entry.passage for entry in passages}),
        first=min(entry.at for entry in passages),
        last=max(entry.at for entry in passages),
        classes=frozenset(data_class for one in same for data_class in one.past.found | one.past.declared) | brought,
        counts=dict(counts),
        rules=tuple(dict.fromkeys(rule for one in same if one.fate is Fate.REFUSED for rule in one.rules)),
        recipients={id_: destinations[id_].provider if id_ in destinations else None for id_ in receiving},
    )


def duties(found: Iterable[Exposed], applications: Mapping[ApplicationId, Application]) -> tuple[Duty, ...]:
    """Name what the law may ask, given who sent what."""
    exposed = list(found)
    classes = frozenset(data_class for one in exposed for data_class in one.classes)
    kinds = {applications[one.application].organisation.kind for one in exposed if one.application in applications}
    asked: list[Duty] = []
    if classes & PERSONAL:
        asked += [NOTIFY, DOCUMENT]
    if classes & GRAVE:
        asked.append(TELL)
    if exposed and CallerKind.FINANCIAL_ENTITY in kinds:
        asked.append(DORA)
    if classes & STATE:
        asked.append(ACCREDITOR)
    if exposed:
        asked.append(RECIPIENTS)
    return tuple(asked)


NOTIFY = Duty(
    en="Notify the supervisory authority (in France the CNIL) unless a risk to people is unlikely.",
    fr="Notifier à l'autorité de contrôle (en France, la CNIL), sauf si un risque pour les personnes est peu probable.",
    source="Règlement (UE) 2016/679 (RGPD), art. 33(1)",
    hours=72,
)
DOCUMENT = Duty(
    en="Keep a record of the breach: facts, effects, measures, whether or not it is notified.",
    fr="Documenter la violation : faits, effets, mesures, qu'elle soit notifiée ou non.",
    source="Règlement (UE) 2016/679 (RGPD), art. 33(5)",
)
TELL = Duty(
    en="Tell the people concerned if the risk for them is high: these kinds of data make it likely.",
    fr="Informer les personnes concernées si le risque est élevé pour elles : ces données le rendent probable.",
    source="Règlement (UE) 2016/679 (RGPD), art. 34(1)",
)
DORA = Duty(
    en="Classify the incident; if it is major, report it to the competent authority.",
    fr="Classer l'incident ; s'il est majeur, le déclarer à l'autorité compétente.",
    source="Règlement (UE) 2022/2554 (DORA), art. 18 et 19",
)
ACCREDITOR = Duty(
    en="Tell whoever signed the accreditation or the analysis of sensitivity on record: their decision rested on it.",
    fr="Informer qui a signé l'homologation ou l'analyse de sensibilité enregistrée : sa décision en dépendait.",
    source="Ecluse, décisions 16 et 18 : la nature des données est l'analyse de leur responsable",
)
RECIPIENTS = Duty(
    en="Ask each recipient, under its contract, what it kept and to erase it.",
    fr="Demander à chaque destinataire, au titre de son contrat, ce qu'il a conservé et son effacement.",
    source="Règlement (UE) 2016/679 (RGPD), art. 28(3)",
)
