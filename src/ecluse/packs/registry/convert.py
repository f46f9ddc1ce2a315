"""Facts as written to the domain's words, each with its source resolved.

Law: a fact is as sure as the less sure of itself and its source; general knowledge is unverified whatever it claims.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ecluse.domain.destination import Attestation, Keeps, Offer, OfferId, Options, Price, ProcessingScope, Scope, Terms
from ecluse.domain.party import Confidence, ProviderId, Source
from ecluse.packs.errors import PackError
from ecluse.packs.misread import near
from ecluse.packs.registry.countries import COUNTED, COUNTRIES, PERIMETER
from ecluse.packs.registry.facts import (
    AttestationFact,
    Fact,
    KeepsFact,
    OfferFact,
    OptionsFact,
    PerimeterFact,
    PriceFact,
    Scheme,
    ScopeFact,
    SizeFact,
    SourceFact,
    SourceKind,
    TermsFact,
)
from ecluse.packs.registry.model import OfferRecord, Perimeter, Size

HOSTING = frozenset({Scheme.HDS, Scheme.HDS_V2})
ACTIVITIES = frozenset("123456")
"""The activities of hosting that an HDS certificate may name (`hds_activities` in law.toml)."""

_WORST_LAST = (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW, Confidence.UNVERIFIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Citations:
    """The sources that one file may cite: its own and the shared ones. Counts what it resolved."""

    file: str
    known: Mapping[str, SourceFact]
    cited: list[Confidence] = field(default_factory=list)

    def of(self, fact: Fact, path: str) -> Source:
        """Return the source of a fact. Raises PackError for an unknown one or a fact surer than its source."""
        row = self.known.get(fact.source)
        if row is None:
            asked = near(fact.source, self.known)
            raise PackError(self.file, path, f"no source `{fact.source}`; {asked}add a row with this id to [[sources]]")
        known = Confidence.UNVERIFIED if row.kind is SourceKind.GENERAL_KNOWLEDGE else row.confidence
        confidence = fact.confidence or known
        if _WORST_LAST.index(confidence) < _WORST_LAST.index(known):
            what = f"the fact is {confidence}, its source {known}; a fact cannot be surer than its source"
            raise PackError(self.file, path, f"{what}; remove `confidence` or read a better source")
        self.cited.append(confidence)
        return Source(title=row.title, url=row.url, as_of=row.as_of, confidence=confidence)

    def country(self, code: str | None, path: str) -> str | None:
        """Return a country's code. Raises PackError for one that ISO 3166 does not have."""
        if code is not None and code not in COUNTRIES:
            raise PackError(self.file, path, f"no country `{code}` in ISO 3166; write two letters, e.g. FR")
        return code


def check_source(file: str, row: SourceFact) -> None:
    """Refuse a source that cannot be looked up again."""
    if row.kind is not SourceKind.GENERAL_KNOWLEDGE and not row.url.startswith(("https://", "http://")):
        raise PackError(file, f"sources ({row.id}).url", 'write `url = "https://..."`, where the source was read')


def to_scope(cite: Citations, fact: ScopeFact, path: str) -> ProcessingScope:
    """Convert a scope. Raises PackError for a country outside the perimeter that it names."""
    perimeter = PERIMETER.get(max_scope(fact.processing, fact.storage), COUNTRIES)
    for code in fact.countries:
        cite.country(code, f"{path}.countries")
        if code not in perimeter:
            raise PackError(cite.file, f"{path}.countries", f"{code} is outside `{fact.processing}`; widen the scope")
    return ProcessingScope(
        processing=fact.processing, storage=fact.storage, countries=fact.countries, source=cite.of(fact, path)
    )


def to_perimeter(cite: Citations, fact: PerimeterFact, path: str) -> Perimeter:
    """Convert a set of countries. Raises PackError for one that differs from what the rules count under its name."""
    for code in fact.countries:
        cite.country(code, f"{path}.countries")
    countries = frozenset(fact.countries)
    counted = COUNTED.get(fact.id)
    if counted is not None and countries != counted:
        differs = ", ".join(sorted(countries ^ counted))
        raise PackError(cite.file, f"{path}.countries", f"differs from what the rules count in {differs}")
    return Perimeter(id=fact.id, name=fact.name, countries=countries, used_by=fact.used_by, source=cite.of(fact, path))


def max_scope(*scopes: Scope) -> Scope:
    """Return the widest of the scopes; unknown is wider than the world."""
    order = (Scope.EU, Scope.EEA, Scope.EEA_ADEQUATE, Scope.WORLD, Scope.UNKNOWN)
    return max(scopes, key=order.index)


def to_terms(cite: Citations, fact: TermsFact, path: str) -> Terms:
    """Convert terms."""
    return Terms(
        trains_on_input=fact.trains_on_input,
        retention_days=fact.retention_days,
        human_review=fact.human_review,
        source=cite.of(fact, path),
    )


def to_keeps(cite: Citations, fact: KeepsFact, path: str) -> Keeps:
    """Convert what is kept on demand."""
    for code in fact.countries:
        cite.country(code, f"{path}.countries")
    return Keeps(days=fact.days, storage=fact.storage, countries=fact.countries, source=cite.of(fact, path))


def to_options(cite: Citations, fact: OptionsFact, path: str) -> Options:
    """Convert the options that are not taken. Raises PackError where none is named, or one twice."""
    named = (*fact.not_taken, *fact.not_with_reasoning, *fact.not_together)
    if not named or len(set(named)) < len(named):
        which = "`not_taken`, `not_with_reasoning` or `not_together`"
        raise PackError(cite.file, path, f"name each option once, in {which}")
    if len(fact.not_together) == 1:
        raise PackError(cite.file, f"{path}.not_together", "name two options or more, of which one is taken")
    return Options(
        not_taken=fact.not_taken,
        not_with_reasoning=fact.not_with_reasoning,
        not_together=fact.not_together,
        source=cite.of(fact, path),
    )


def to_price(cite: Citations, fact: PriceFact, path: str) -> Price:
    """Convert a list price."""
    return Price(
        currency=fact.currency,
        per_million_in=fact.per_million_in,
        per_million_out=fact.per_million_out,
        per_million_cached=fact.per_million_cached,
        per_million_written=fact.per_million_written,
        per_million_written_hour=fact.per_million_written_hour,
        source=cite.of(fact, path),
    )


def to_size(cite: Citations, fact: SizeFact, path: str) -> Size:
    """Convert a number of parameters. Raises PackError when a token would use more of them than there are."""
    if fact.active is not None and fact.active > fact.total:
        raise PackError(cite.file, path, "more parameters are active than there are; check `total` and `active`")
    return Size(total=fact.total, active=fact.active, source=cite.of(fact, path))


def to_attestation(cite: Citations, fact: AttestationFact, path: str) -> Attestation:
    """Convert an attestation. Raises PackError for one that ends before it begins."""
    begins, ends = fact.valid_from, fact.valid_until
    if begins is not None and ends is not None and ends <= begins:
        raise PackError(cite.file, path, "ends before it begins; check the dates")
    if fact.scheme in HOSTING and not set(fact.scope) <= ACTIVITIES:
        raise PackError(cite.file, f"{path}.scope", 'write the activities that it names, 1 to 6: scope = ["1", "2"]')
    return Attestation(
        scheme=fact.scheme,
        reference=fact.reference,
        valid_from=begins,
        valid_until=ends,
        scope=fact.scope,
        source=cite.of(fact, path),
    )


def to_offer(cite: Citations, fact: OfferFact, provider: ProviderId) -> OfferRecord:
    """Convert an offer with its attestations."""
    path = f"offers ({fact.id})"
    source = cite.of(fact, path)
    unknown = ProcessingScope(processing=Scope.UNKNOWN, storage=Scope.UNKNOWN, source=source)
    attestations = tuple(to_attestation(cite, row, f"{path}.attestations ({row.scheme})") for row in fact.attestations)
    offer = Offer(
        id=OfferId(fact.id),
        provider=provider,
        name=fact.name,
        scope=to_scope(cite, fact.scope, f"{path}.scope") if fact.scope else unknown,
        attestations=attestations,
        source=source,
    )
    return OfferRecord(
        offer=offer,
        kind=fact.kind,
        region_chosen=fact.region_chosen,
        terms=to_terms(cite, fact.terms, f"{path}.terms") if fact.terms else None,
        keeps=to_keeps(cite, fact.keeps, f"{path}.keeps") if fact.keeps else None,
        options=to_options(cite, fact.options, f"{path}.options") if fact.options else None,
        tool=cite.of(fact.transfer_tool, f"{path}.transfer_tool") if fact.transfer_tool else None,
    )


def known_offer(cite: Citations, path: str, name: str, offers: Mapping[OfferId, OfferRecord]) -> OfferRecord:
    """Return the offer that a destination or a tool names. Raises PackError for one that is not on record."""
    offer = offers.get(OfferId(name))
    if offer is None:
        asked = near(name, offers)
        raise PackError(cite.file, path, f"no offer `{name}`; {asked}add a row with this id to [[offers]]")
    return offer
