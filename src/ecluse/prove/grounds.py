"""Does each established fact have its ground on that day? Drawn again from the record, apart from the registry's code.

Law: a fact that opens without a dated, good source behind it is a mistake, wherever it came from. The rules cannot see
it, because they see only what is established; so a proof over rules needs this one beside it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from ecluse.domain.destination import Attestation, Destination, Established, Offer, OperatedBy, Scope, Trilean
from ecluse.domain.party import EntityId, Source
from ecluse.prove.exposure import Party, Reach, Role, Status, expose
from ecluse.prove.figures import said_number
from ecluse.prove.holding import SINGLE, TOGETHER, Graph, board_may_be_outside, good, outside_together

SECNUMCLOUD = "secnumcloud"
HDS = "hds_v2"
MACHINES = "IaaS"
CEILING = 0.5
"""Shares are rounded up to whole percent: what is stated may not be below what is computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is on record of one destination. `entity` is whose law counts: who runs it, or who runs the machines.

    `premises` and `state` say that the offer is the caller's own premises, or kept for the State. `tool` is the source
    of an article 46 tool.
    """

    offer: Offer
    ground: Offer | None
    entity: EntityId | None
    premises: bool
    state: bool
    tool: Source | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Perimeters:
    """The countries that count, on the day: the EEA, and those that are adequate."""

    eea: frozenset[str]
    adequate: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ungrounded:
    """A fact that the rules believe and the record does not bear out."""

    destination: str
    fact: str
    en: str
    fr: str


WHY: Mapping[Established, tuple[str, str]] = {
    Established.OPERATED_BY_CALLER: ("another runs the model", "le modèle est exploité par un tiers"),
    Established.ON_OWN_PREMISES: ("it is not on the caller's premises", "il n'est pas dans les locaux de l'appelant"),
    Established.STATE_CLOUD: ("the offer is not kept for the State", "l'offre n'est pas réservée à l'État"),
    Established.PROCESSING_IN_EU: ("no good source says so", "aucune source sûre ne le dit"),
    Established.PROCESSING_IN_EEA: ("no good source says so", "aucune source sûre ne le dit"),
    Established.PROCESSING_IN_ADEQUATE: ("no good source says so", "aucune source sûre ne le dit"),
    Established.SECNUMCLOUD: ("no qualification is valid that day", "aucune qualification n'est valide ce jour"),
    Established.HDS: ("no HDS 2.0 certificate is valid that day", "aucun certificat HDS 2.0 n'est valide ce jour"),
    Established.NO_TRAINING: ("the terms do not say so", "les conditions ne le disent pas"),
    Established.NO_RETENTION: ("the terms do not say so", "les conditions ne le disent pas"),
    Established.EU_CONTROL: ("control from the Union is not shown", "le contrôle par l'Union n'est pas démontré"),
    Established.KEPT_STATED: (
        "no good source says where and how long",
        "aucune source sûre ne dit où ni combien de temps",
    ),
    Established.KEPT_IN_ADEQUATE: ("no good source says so", "aucune source sûre ne le dit"),
    Established.KEPT_UNDER_HDS: (
        "no HDS 2.0 certificate is valid that day",
        "aucun certificat HDS 2.0 n'est valide ce jour",
    ),
    Established.TRANSFER_TOOL: ("no transfer tool is on record", "aucun outil de transfert n'est enregistré"),
    **dict.fromkeys(
        (Established.SEAL_1, Established.SEAL_2, Established.SEAL_3, Established.SEAL_4),
        ("no evaluation of that level is valid that day", "aucune évaluation de ce niveau n'est valide ce jour"),
    ),
}


def valid(offer: Offer, scheme: str, today: date, *, machines: bool = False) -> Attestation | None:
    """Return an attestation of an offer that counts on a day; for a machine on it, one whose scope has machines."""
    for row in offer.attestations:
        dated = row.valid_from is not None and row.valid_until is not None and row.valid_from <= today < row.valid_until
        if (
            row.scheme == scheme
            and dated
            and row.scope
            and good(row.source)
            and (not machines or MACHINES in row.scope)
        ):
            return row
    return None


def qualified(destination: Destination, record: Record, today: date) -> Attestation | None:
    """Return the qualification that a destination rests on, if one is valid that day."""
    own = valid(record.offer, SECNUMCLOUD, today)
    if own is None and destination.operated_by is OperatedBy.CALLER and record.ground is not None:
        return valid(record.ground, SECNUMCLOUD, today, machines=True)
    return own


def ungrounded(
    destination: Destination, record: Record, graph: Graph, perimeters: Perimeters, today: date
) -> Iterator[Ungrounded]:
    """Iterate over the facts of a destination that the record does not bear out on a day."""
    shown = _shown(destination, record, graph, perimeters, today)
    for fact in sorted(destination.established - shown):
        en, fr = WHY[fact]
        yield Ungrounded(destination=destination.id, fact=fact, en=en, fr=fr)
    if record.state and good(record.offer.source) and Established.STATE_CLOUD not in destination.established:
        yield Ungrounded(
            destination=destination.id,
            fact=Established.STATE_CLOUD,
            en="the offer is kept for the State, and the rules are not told",
            fr="l'offre est réservée à l'État et les règles l'ignorent",
        )
    least = _least_share(destination, record, graph, today)
    if destination.non_eu_share_max + CEILING < least:
        yield Ungrounded(
            destination=destination.id,
            fact="non_eu_share_max",
            en=f"{destination.non_eu_share_max} % is stated, up to {least:g} % is possible",
            fr=f"{destination.non_eu_share_max} % est indiqué, jusqu'à {said_number(least, fr=True)} % est possible",
        )


def _least_share(destination: Destination, record: Record, graph: Graph, today: date) -> float:
    if record.premises:
        return 0.0
    share = outside_together(graph, record.entity).high if record.entity else 100.0
    return min(share, TOGETHER) if qualified(destination, record, today) else share


def _hosted(destination: Destination, record: Record, today: date) -> bool:
    """Say whether a certificate of HDS 2.0 that is valid that day names what its holder does there.

    Whoever lends machines has the activities 1 to 3; whoever runs the model 4 and 5 too, and 6 if something is kept.
    """
    terms = destination.terms
    last = 5 if good(terms.source) and terms.retention_days == 0 else 6
    own, lent = valid(record.offer, HDS, today), None
    if destination.operated_by is OperatedBy.CALLER and record.ground is not None:
        lent = valid(record.ground, HDS, today)
    named = ((own, last), (lent, 3))
    return any(row is not None and {str(n) for n in range(1, upto + 1)} <= set(row.scope) for row, upto in named)


def _shown(
    destination: Destination, record: Record, graph: Graph, perimeters: Perimeters, today: date
) -> frozenset[Established]:
    mine = destination.operated_by is OperatedBy.CALLER
    proof = qualified(destination, record, today)
    hds = _hosted(destination, record, today)
    terms = destination.terms
    facts = {
        Established.OPERATED_BY_CALLER: mine,
        Established.ON_OWN_PREMISES: mine and record.premises,
        Established.STATE_CLOUD: record.state,
        Established.SECNUMCLOUD: proof is not None,
        Established.HDS: hds,
        Established.NO_TRAINING: mine or (good(terms.source) and terms.trains_on_input is Trilean.NO),
        Established.NO_RETENTION: mine or (good(terms.source) and terms.retention_days == 0),
        Established.EU_CONTROL: proof is not None or _controlled(record, graph, today),
        Established.TRANSFER_TOOL: record.tool is not None and good(record.tool),
        **{
            Established(f"seal_{level}"): any(
                valid(offer, f"ec_seal_{above}", today)
                for offer in (record.offer, record.ground if mine else None)
                if offer is not None
                for above in range(level, 5)
            )
            for level in range(1, 5)
        },
    }
    located = _located(destination, graph, perimeters)
    if proof is not None:  # SecNumCloud 3.2, 19.2: stored, processed and administered in the Union
        located = _WITHIN[Scope.EU]
    return (
        frozenset(fact for fact, known in facts.items() if known)
        | located
        | _kept(destination, record, perimeters, graph, today)
    )


def _kept(
    destination: Destination, record: Record, perimeters: Perimeters, graph: Graph, today: date
) -> frozenset[Established]:
    """Return what the record says of what is kept on demand: nothing, unless a place and a bound are in it."""
    keeps = destination.keeps
    if keeps is None or not good(keeps.source) or not keeps.days or not _WITHIN[keeps.storage]:
        return frozenset()
    shown = {Established.KEPT_STATED}
    outside = set(keeps.countries) - perimeters.eea - graph.union
    if keeps.storage is not Scope.EEA_ADEQUATE or (outside and outside <= perimeters.adequate):
        shown.add(Established.KEPT_IN_ADEQUATE)
    certified = [(valid(record.offer, HDS, today), 1)]
    if destination.operated_by is OperatedBy.CALLER and record.ground is not None:
        certified.append((valid(record.ground, HDS, today), 0))
    for row, operates in certified:
        needed = set("123456") if operates else set("1236")
        if row is not None and needed <= set(row.scope):
            shown.add(Established.KEPT_UNDER_HDS)
    return frozenset(shown)


_WITHIN: Mapping[Scope, frozenset[Established]] = {
    Scope.EU: frozenset(
        {Established.PROCESSING_IN_EU, Established.PROCESSING_IN_EEA, Established.PROCESSING_IN_ADEQUATE}
    ),
    Scope.EEA: frozenset({Established.PROCESSING_IN_EEA, Established.PROCESSING_IN_ADEQUATE}),
    Scope.EEA_ADEQUATE: frozenset({Established.PROCESSING_IN_ADEQUATE}),
    Scope.WORLD: frozenset(),
    Scope.UNKNOWN: frozenset(),
}


def _located(destination: Destination, graph: Graph, perimeters: Perimeters) -> frozenset[Established]:
    scope = destination.scope
    if not good(scope.source):
        return frozenset()
    kept = destination.terms.retention_days != 0
    shown = _WITHIN[scope.processing] & (_WITHIN[scope.storage] if kept else _WITHIN[Scope.EU])
    widest = {scope.processing, scope.storage} if kept else {scope.processing}
    outside = set(scope.countries) - perimeters.eea - graph.union
    if Scope.EEA_ADEQUATE in widest and not (outside and outside <= perimeters.adequate):
        return frozenset()
    return shown


def _controlled(record: Record, graph: Graph, today: date) -> bool:
    """Say whether shares and seats show control from the Union: no path from outside, no room for a single holder."""
    if record.entity is None:
        return False
    seen = expose(graph, [Party(entity=record.entity, role=Role.OPERATES)], today)
    inside = graph.entities[record.entity].seat in graph.union and good(graph.entities[record.entity].source)
    room = outside_together(graph, record.entity).high
    if board_may_be_outside(graph, record.entity):
        return False
    return inside and seen.status(Reach.CONTROL) is not Status.ESTABLISHED and room <= SINGLE
