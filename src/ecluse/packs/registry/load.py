"""Files of facts to one registry: sources resolved, references checked, contradictions refused.

Law: a fact without source and date, an unknown reference, a country that does not exist or two facts that contradict
each other stop the load. The same fact in two files is one fact. Facts of one's own are laid over: where they name what
is known they replace it, with their own source.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ecluse.domain.destination import DestinationId, ModelId, OfferId
from ecluse.domain.party import Confidence, Entity, EntityId, Jurisdiction, LegalRegime, ProviderId, Stake, StakeKind
from ecluse.packs.errors import PackError
from ecluse.packs.misread import line_of_row, near
from ecluse.packs.registry.convert import Citations, check_source, to_attestation, to_offer, to_perimeter, to_size
from ecluse.packs.registry.endpoint import to_destination
from ecluse.packs.registry.facts import DestinationFact, EntityKind, RegistryFile, SourceFact, ToolFact
from ecluse.packs.registry.model import Adequacy, Milestone, Model, OfferRecord, Perimeter, Provider, Registry
from ecluse.packs.registry.ownership import check_sums
from ecluse.packs.registry.read import parse, texts_of
from ecluse.packs.registry.tools import to_recipient

BUILT_IN = Path(__file__).parent
"""The facts that come with Ecluse."""

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


def load(*folders: Path, own: Sequence[Path] = ()) -> Registry:
    """Load every `*.toml` of the folders (of the built-in one when none is named), and those of `own` over them.

    Raises PackError.
    """
    texts = {name: text for folder in folders or (BUILT_IN,) for name, text in texts_of(folder).items()}
    return load_texts(texts, own=own)


def load_texts(texts: Mapping[str, str], *, own: Sequence[Path] = ()) -> Registry:
    """Load files of facts by name, as a pack brings them, and the folders of `own` over them. Raises PackError."""
    book, layers = _Book(), [texts, *map(texts_of, own)]
    try:
        for layer in layers:
            book.lay({name: parse(name, text) for name, text in layer.items()})
        return book.close()
    except PackError as error:
        text = next((layer[error.file] for layer in reversed(layers) if error.file in layer), "")
        line = line_of_row(text, error.path)
        raise (PackError(f"{error.file}:{line}", error.path, error.what) if line else error) from error


class _Book:
    """Collects facts file by file; `close` checks what points from one to another."""

    def __init__(self) -> None:
        self._shared: dict[str, SourceFact] = {}
        self._providers: dict[ProviderId, Provider] = {}
        self._entities: dict[EntityId, tuple[Entity, EntityKind]] = {}
        self._stakes: dict[tuple[EntityId, EntityId, StakeKind], Stake] = {}
        self._offers: dict[OfferId, OfferRecord] = {}
        self._models: dict[ModelId, Model] = {}
        self._adequacy: dict[str, Adequacy] = {}
        self._regimes: dict[str, LegalRegime] = {}
        self._perimeters: dict[str, Perimeter] = {}
        self._milestones: dict[str, Milestone] = {}
        self._endpoints: dict[str, tuple[Citations, DestinationFact, ProviderId]] = {}
        self._tools: dict[str, tuple[Citations, ToolFact, ProviderId]] = {}
        self._laid: set[tuple[int, Hashable]] = set()
        self._cited: list[Citations] = []
        self._pointers: list[tuple[str, str, EntityId]] = []

    def lay(self, files: Mapping[str, RegistryFile]) -> None:
        """Lay files over what is known: within them no two may contradict each other."""
        self._laid = set()
        for name, file in files.items():
            if file.provider is None:
                for row in file.sources:
                    check_source(name, row)
                    self._put(self._shared, row.id, row, name, f"sources ({row.id})")
        cites = {name: self._citations(name, file) for name, file in files.items()}
        for name, file in files.items():
            self._add(cites[name], file)
        for name, file in files.items():
            self._attest(cites[name], file)

    def _citations(self, name: str, file: RegistryFile) -> Citations:
        """Return what a file may cite: the shared sources and, for a provider's file, its own."""
        known = dict(self._shared)
        for row in file.sources if file.provider else ():
            check_source(name, row)
            _cite(known, row, name)
        cite = Citations(file=name, known=known)
        self._cited.append(cite)
        return cite

    def _attest(self, cite: Citations, file: RegistryFile) -> None:
        """Give offers the attestations that a file has for them, in place of those of the same scheme."""
        for row in file.attestations:
            path = f"attestations ({row.offer}, {row.scheme})"
            offer = OfferId(row.offer)
            place: tuple[int, Hashable] = (id(self._offers), (row.offer, row.scheme))
            if offer not in self._offers:
                asked = near(row.offer, self._offers)
                raise PackError(
                    cite.file, path, f"no offer `{row.offer}`; {asked}`ecluse registry list offers` has the ids"
                )
            record = self._offers[offer]
            kept = [one for one in record.offer.attestations if place in self._laid or one.scheme != row.scheme]
            self._laid.add(place)
            attested = replace(record.offer, attestations=(*kept, to_attestation(cite, row, path)))
            self._offers[offer] = replace(record, offer=attested)

    def _put(self, known: dict[_K, _V], key: _K, value: _V, file: str, path: str) -> None:
        """Keep a fact, in place of one of a layer below. Raises PackError when a file of the same layer differs."""
        place = (id(known), key)
        if place in self._laid and known[key] != value:
            raise PackError(file, path, "contradicts a fact of the same name; keep one, or give them different ids")
        self._laid.add(place)
        known[key] = value

    def _add(self, cite: Citations, file: RegistryFile) -> None:
        """Take one file."""
        name = cite.file
        self._add_parties(cite, file)
        self._add_law(cite, file)
        for model in file.models:
            path = f"models ({model.id})"
            found = Model(
                id=ModelId(model.id),
                name=model.name,
                developer=model.developer,
                licence=model.licence,
                open_weights=model.open_weights,
                context=model.context,
                size=to_size(cite, model.size, f"{path}.size") if model.size else None,
                source=cite.of(model, path),
            )
            self._put(self._models, found.id, found, name, path)
        if file.provider is None:
            if file.offers or file.destinations or file.tools:
                raise PackError(name, "provider", "what a provider has needs its provider; write [provider]")
            return
        provider = ProviderId(file.provider.id)
        for offer in file.offers:
            self._put(self._offers, OfferId(offer.id), to_offer(cite, offer, provider), name, f"offers ({offer.id})")
        for endpoint in file.destinations:
            if (id(self._endpoints), endpoint.id) in self._laid:
                raise PackError(name, f"destinations ({endpoint.id})", "this id is taken; a destination stands once")
            self._laid.add((id(self._endpoints), endpoint.id))
            self._endpoints[endpoint.id] = (cite, endpoint, provider)
        for tool in file.tools:
            if (id(self._tools), tool.id) in self._laid:
                raise PackError(name, f"tools ({tool.id})", "this id is taken; a tool stands once")
            self._laid.add((id(self._tools), tool.id))
            self._tools[tool.id] = (cite, tool, provider)

    def _add_parties(self, cite: Citations, file: RegistryFile) -> None:
        for entity in file.entities:
            path = f"entities ({entity.id})"
            seat = cite.country(entity.seat, f"{path}.seat")
            found = Entity(id=EntityId(entity.id), name=entity.name, seat=seat, source=cite.of(entity, path))
            self._put(self._entities, found.id, (found, entity.kind), cite.file, path)
        for stake in file.stakes:
            path = f"stakes ({stake.holder}->{stake.held})"
            if stake.low > stake.high:
                raise PackError(cite.file, path, f"low {stake.low} is above high {stake.high}; swap them")
            held = Stake(
                holder=EntityId(stake.holder),
                held=EntityId(stake.held),
                kind=stake.kind,
                low=stake.low,
                high=stake.high,
                source=cite.of(stake, path),
            )
            self._pointers += [(cite.file, path, held.holder), (cite.file, path, held.held)]
            self._put(self._stakes, (held.holder, held.held, held.kind), held, cite.file, path)
        if file.provider is not None:
            fact = file.provider
            entity_id = EntityId(fact.entity) if fact.entity else None
            if entity_id:
                self._pointers.append((cite.file, "provider.entity", entity_id))
            made = Provider(id=ProviderId(fact.id), name=fact.name, entity=entity_id, source=cite.of(fact, "provider"))
            self._put(self._providers, made.id, made, cite.file, "provider")

    def _add_law(self, cite: Citations, file: RegistryFile) -> None:
        for row in file.adequacy:
            path = f"adequacy ({row.country})"
            cite.country(row.country, path)
            adequate = Adequacy(
                country=row.country,
                valid_from=row.valid_from,
                valid_until=row.valid_until,
                source=cite.of(row, path),
                condition=row.condition,
            )
            self._put(self._adequacy, row.country, adequate, cite.file, path)
        for regime in file.regimes:
            path = f"regimes ({regime.id})"
            cite.country(regime.country, path)
            found = LegalRegime(
                id=regime.id,
                jurisdiction=Jurisdiction(code=regime.country),
                text=regime.text,
                review_by=regime.review_by,
                source=cite.of(regime, path),
            )
            self._put(self._regimes, regime.id, found, cite.file, path)

        for perimeter in file.perimeters:
            path = f"perimeters ({perimeter.id})"
            self._put(self._perimeters, perimeter.id, to_perimeter(cite, perimeter, path), cite.file, path)
        for one in file.milestones:
            path = f"milestones ({one.id})"
            made = Milestone(id=one.id, law=one.law, on=one.on, en=one.en, fr=one.fr, source=cite.of(one, path))
            self._put(self._milestones, made.id, made, cite.file, path)

    def close(self) -> Registry:
        """Check every reference and return the registry."""
        for file, path, entity in self._pointers:
            if entity not in self._entities:
                asked = near(entity, self._entities)
                raise PackError(file, path, f"no entity `{entity}`; {asked}add a row with this id to [[entities]]")
        check_sums(self._stakes.values())
        destinations = {
            DestinationId(id_): to_destination(cite, row, provider, self._offers, self._models)
            for id_, (cite, row, provider) in self._endpoints.items()
        }
        recipients = tuple(
            to_recipient(cite, row, provider, self._offers, self._providers)
            for cite, row, provider in self._tools.values()
        )
        confidences: list[Confidence] = [confidence for cite in self._cited for confidence in cite.cited]
        return Registry(
            providers=self._providers,
            entities={id_: entity for id_, (entity, _) in self._entities.items()},
            unheld=frozenset(id_ for id_, (_, kind) in self._entities.items() if kind is not EntityKind.COMPANY),
            stakes=tuple(self._stakes.values()),
            offers=self._offers,
            models=self._models,
            destinations=destinations,
            adequacy=tuple(self._adequacy.values()),
            regimes=tuple(self._regimes.values()),
            perimeters=tuple(self._perimeters.values()),
            milestones=tuple(sorted(self._milestones.values(), key=lambda one: (one.on, one.id))),
            confidences=tuple(confidences),
            recipients=recipients,
        )


def _cite(known: dict[str, SourceFact], row: SourceFact, file: str) -> None:
    """Add a source of one file to those that all may cite. Raises PackError when it is another under a known name."""
    if known.setdefault(row.id, row) != row:
        raise PackError(
            file, f"sources ({row.id})", "contradicts a fact of the same name; keep one, or give them different ids"
        )


def confidence_counts(registry: Registry) -> Mapping[Confidence, int]:
    """Count the facts of the registry by how sure they are."""
    return {level: registry.confidences.count(level) for level in Confidence}
