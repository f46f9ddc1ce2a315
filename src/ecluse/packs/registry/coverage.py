"""The same questions asked of every provider alike: what is known, of which source and date, and what is not.

Law: no question is asked of some and not of others (INVARIANT 8); nothing on record is unknown, never `none`; a source
below `medium` makes nothing known.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ecluse.domain.destination import Attestation, Scope, Trilean
from ecluse.domain.party import EntityId, Source, Stake, StakeKind
from ecluse.packs.registry.countries import EU27
from ecluse.packs.registry.facts import OfferKind, Scheme
from ecluse.packs.registry.model import OfferRecord, Provider, Registry, good

APIS = frozenset({OfferKind.MODEL_API, OfferKind.STATE_CLOUD})
"""Offers of which one asks what is done with a request."""


MOST = 50.0
"""Percent from which a holder belongs to the group."""


class Asked(StrEnum):
    """What is asked of every provider."""

    SEAT = "seat"
    OWNERSHIP = "ownership"
    SUBSIDIARIES = "third-country subsidiaries"
    SUB_PROCESSORS = "sub-processors"
    SECNUMCLOUD = "SecNumCloud"
    HDS = "HDS 2.0"
    PLACE = "place"
    TRAINING = "training"
    RETENTION = "retention"
    REVIEW = "human review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of a provider or of one of its offers. `says` is empty when it is unknown."""

    provider: str
    asked: Asked
    offer: str
    says: str
    source: Source | None

    @property
    def known(self) -> bool:
        """Whether there is an answer."""
        return bool(self.says)


def coverage(registry: Registry, today: date) -> tuple[Answer, ...]:
    """Ask everything of every provider that has a legal person on record, its offers one by one."""
    return tuple(
        answer
        for _, provider in sorted(registry.providers.items())
        if provider.entity is not None
        for answer in (*_of_company(registry, provider, provider.entity), *_of_offers(registry, provider, today))
    )


# ------------------------------------------------------------------ of the company
def _of_company(registry: Registry, provider: Provider, entity: EntityId) -> Iterator[Answer]:
    def answer(asked: Asked, says: str, source: Source | None) -> Answer:
        known = says if source is not None and good(source) else ""
        return Answer(provider=provider.id, asked=asked, offer="", says=known, source=source)

    person = registry.entities[entity]
    yield answer(Asked.SEAT, person.seat or "", person.source)
    holders = [one for one in registry.stakes if one.held == entity]
    shares = [one for one in holders if one.kind is StakeKind.EQUITY and good(one.source)]
    if entity in registry.unheld:
        yield answer(Asked.OWNERSHIP, "cannot be held", person.source)
    else:
        stated = sum(one.low for one in shares)
        yield answer(Asked.OWNERSHIP, f"{stated:g} % on record" if stated else "", _newest(shares))
    group = _group(registry, entity)
    below = [
        one for one in registry.stakes if one.holder in group and one.held not in group and _outside(registry, one.held)
    ]
    owned = [one for one in below if one.kind is StakeKind.EQUITY]
    yield answer(Asked.SUBSIDIARIES, _seats(registry, owned, held=True), _newest(owned))
    hands = [one for one in holders if one.kind is StakeKind.SUB_PROCESSOR]
    yield answer(Asked.SUB_PROCESSORS, _seats(registry, hands, held=False), _newest(hands))


def _group(registry: Registry, entity: EntityId) -> set[EntityId]:
    """Return the company and those that hold more than half of it, up to the top."""
    group, wave = {entity}, [entity]
    while wave:
        held = wave.pop()
        above = {one.holder for one in registry.stakes if one.held == held and one.low >= MOST}
        wave += above - group
        group |= above
    return group


def _outside(registry: Registry, entity: EntityId) -> bool:
    seat = registry.entities[entity].seat
    return seat is not None and seat not in EU27


def _seats(registry: Registry, stakes: list[Stake], *, held: bool) -> str:
    found = {registry.entities[one.held if held else one.holder].seat or "?" for one in stakes if good(one.source)}
    return ", ".join(sorted(found))


def _newest(stakes: list[Stake]) -> Source | None:
    return max((one.source for one in stakes), key=lambda source: (good(source), source.as_of), default=None)


# ------------------------------------------------------------------ of each offer
def _of_offers(registry: Registry, provider: Provider, today: date) -> Iterator[Answer]:
    offers = [one for one in registry.offers.values() if one.offer.provider == provider.id]
    for record in offers:
        if record.kind is OfferKind.OWN_MACHINE:  # a model that the caller runs: its host's offer answers
            continue
        for asked, scheme in ((Asked.SECNUMCLOUD, Scheme.SECNUMCLOUD), (Asked.HDS, Scheme.HDS_V2)):
            yield _attested(provider, record, asked, scheme, today)
        if record.kind in APIS:
            for asked, read in _TERMS.items():
                says, source = read(record)
                known = says if source is not None and good(source) else ""
                yield Answer(provider=provider.id, asked=asked, offer=record.offer.id, says=known, source=source)


def _attested(provider: Provider, record: OfferRecord, asked: Asked, scheme: Scheme, today: date) -> Answer:
    rows = [one for one in record.offer.attestations if one.scheme == scheme and good(one.source)]
    row: Attestation | None = max(rows, key=lambda one: one.valid_until or date.min, default=None)
    says = ""
    if row is not None and row.valid_until is not None:
        unread = "" if row.scope else ", scope not read"
        says = f"{'until' if today < row.valid_until else 'ended'} {row.valid_until}{unread}"
    return Answer(
        provider=provider.id, asked=asked, offer=record.offer.id, says=says, source=row.source if row else None
    )


def _place(record: OfferRecord) -> tuple[str, Source | None]:
    scope = record.offer.scope
    known = Scope.UNKNOWN not in {scope.processing, scope.storage}
    where = scope.processing if scope.processing == scope.storage else f"{scope.processing}, kept {scope.storage}"
    return str(where) if known else "", scope.source


def _training(record: OfferRecord) -> tuple[str, Source | None]:
    terms = record.terms
    known = terms is not None and terms.trains_on_input is not Trilean.UNKNOWN
    return str(terms.trains_on_input) if terms and known else "", terms.source if terms else None


def _retention(record: OfferRecord) -> tuple[str, Source | None]:
    terms = record.terms
    known = terms is not None and terms.retention_days is not None
    return f"{terms.retention_days} days" if terms and known else "", terms.source if terms else None


def _review(record: OfferRecord) -> tuple[str, Source | None]:
    terms = record.terms
    known = terms is not None and terms.human_review is not Trilean.UNKNOWN
    return str(terms.human_review) if terms and known else "", terms.source if terms else None


_TERMS: Mapping[Asked, Callable[[OfferRecord], tuple[str, Source | None]]] = {
    Asked.PLACE: _place,
    Asked.TRAINING: _training,
    Asked.RETENTION: _retention,
    Asked.REVIEW: _review,
}


# ------------------------------------------------------------------ one table
def table(answers: tuple[Answer, ...]) -> Iterator[str]:
    """Iterate over the lines of a table in Markdown: a provider a row, a question a column."""
    yield f"| provider | {' | '.join(Asked)} |"
    yield f"|{'---|' * (len(Asked) + 1)}"
    for provider in dict.fromkeys(one.provider for one in answers):
        mine = [one for one in answers if one.provider == provider]
        yield f"| `{provider}` | {' | '.join(_cell([one for one in mine if one.asked is asked]) for asked in Asked)} |"


def _cell(answers: list[Answer]) -> str:
    """Write what is known of a provider: each answer once with the date of its source; of how many offers, if some."""
    if not answers:
        return "not offered"
    known = [one for one in answers if one.known]
    if not known:
        return "unknown"
    said: dict[str, date] = {}
    for one in known:
        assert one.source is not None  # noqa: S101 - what is known has a source
        said[one.says] = min(one.source.as_of, said.get(one.says, one.source.as_of))
    words = "; ".join(f"{says} ({day})" for says, day in said.items())
    return (
        words if len(known) == len(answers) else f"{words}; unknown for {len(answers) - len(known)} of {len(answers)}"
    )
