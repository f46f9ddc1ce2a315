"""Who can compel a destination or a company, by which path of the graph: classes A to D.

Law: location alone clears nothing (18 U.S.C. 2713 speaks of possession, custody or control). What is in no source is
`none on record`, never `no`; only a valid qualification excludes. Class D, reach through subsidiaries abroad, is
unknown for everybody until a table of them is asked of every provider alike.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ecluse.domain.party import EntityId, LegalRegime, Stake, StakeKind
from ecluse.prove.holding import ALL, MAY_CONTROL, SHARES, Graph, Result, Seat, ShareTest, outside_together, share_test

CONTROLS = 50.0
"""Percent from which a holder controls."""


class Reach(StrEnum):
    """By which structure a third country reaches."""

    CONTROL = "A"
    SHARES = "B"
    TECHNOLOGY = "C"
    SUBSIDIARIES = "D"


class Status(StrEnum):
    """What the record says of one class. `none_on_record` is not a proof; `excluded` is one."""

    ESTABLISHED = "established"
    POSSIBLE = "possible"
    NONE_ON_RECORD = "none_on_record"
    EXCLUDED = "excluded"
    UNKNOWN = "unknown"


class Role(StrEnum):
    """What a party is to the destination."""

    SUBJECT = "subject"
    OPERATES = "operates"
    HOSTS = "hosts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A legal person that has the request in its hands. `proof` is a valid qualification of the offer, if any."""

    entity: EntityId
    role: Role
    proof: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """From a party up to whoever is compelled. `stakes` are in order, none when it is the party's own seat.

    `country` is None when nobody published who stands at the end; `rest` is then the percent that nobody published.
    """

    party: EntityId
    stakes: tuple[Stake, ...]
    end: EntityId
    country: str | None
    certain: bool
    rest: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One class, with the paths that make it so."""

    reach: Reach
    status: Status
    paths: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text by which a country compels, on a day. `overdue` means that its review is past: it counts as in force."""

    regime: LegalRegime
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Compulsion:
    """A country that can compel. `inside` the Union it is the law of the place, and no exposure."""

    country: str
    inside: bool
    certain: bool
    texts: tuple[Text, ...]
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What the record says. Without a party nobody stands between, and nobody is compelled."""

    parties: tuple[Party, ...]
    findings: tuple[Finding, ...]
    compelled_by: tuple[Compulsion, ...]
    tests: tuple[ShareTest, ...]

    def status(self, reach: Reach) -> Status:
        """Return the status of one class."""
        return next(finding.status for finding in self.findings if finding.reach is reach)


def expose(graph: Graph, parties: Sequence[Party], today: date) -> Exposure:
    """Return who can compel the parties, by which paths, and how each does in the test of shares."""
    tests = tuple(share_test(graph, party.entity, proof=party.proof) for party in parties)
    up = [path for party in parties for path in _upward(graph, party.entity, party.entity, (), frozenset())]
    proven = bool(parties) and all(party.proof for party in parties)
    control = [path for path in up if path.country not in graph.union]
    return Exposure(
        parties=tuple(parties),
        findings=(
            _control(control, proven=proven),
            _shares(tests),
            _technology(graph, parties),
            _subsidiaries(graph, parties, up),
        ),
        compelled_by=tuple(_compulsions(graph, up, today)),
        tests=tests,
    )


# ------------------------------------------------------------------ the classes
def _control(paths: Sequence[Path], *, proven: bool) -> Finding:
    """Class A: seat, controlling holder or sub-processor. A sub-processor counts as able unless shown otherwise."""
    sure = tuple(path for path in paths if path.certain and path.country)
    if sure:
        return Finding(reach=Reach.CONTROL, status=Status.ESTABLISHED, paths=sure)
    if proven:  # 19.6.c: no company from outside can obtain the data
        return Finding(reach=Reach.CONTROL, status=Status.EXCLUDED)
    status = Status.POSSIBLE if paths else Status.NONE_ON_RECORD
    return Finding(reach=Reach.CONTROL, status=status, paths=tuple(paths))


def _shares(tests: Sequence[ShareTest]) -> Finding:
    """Class B: the test of shares. Vetoes and boards are on record here and there, so a pass excludes nothing."""
    results = {test.result for test in tests}
    if Result.FAIL in results:
        status = Status.ESTABLISHED
    elif Result.UNKNOWN in results:
        status = Status.POSSIBLE
    elif tests and all(test.proof for test in tests):
        status = Status.EXCLUDED
    else:
        status = Status.NONE_ON_RECORD
    return Finding(reach=Reach.SHARES, status=status)


def _technology(graph: Graph, parties: Sequence[Party]) -> Finding:
    """Class C: technology of a supplier from outside, without access to data: a dependency."""
    paths: list[Path] = []
    for party in parties:
        for stake in graph.holders(party.entity, StakeKind.TECHNOLOGY_LICENCE):
            above = _upward(graph, party.entity, stake.holder, (stake,), frozenset())
            paths += [path for path in above if path.country not in graph.union]
    sure = tuple(path for path in paths if path.certain and path.country)
    status = Status.ESTABLISHED if sure else Status.POSSIBLE if paths else Status.NONE_ON_RECORD
    return Finding(reach=Reach.TECHNOLOGY, status=status, paths=sure or tuple(paths))


def _subsidiaries(graph: Graph, parties: Sequence[Party], up: Iterable[Path]) -> Finding:
    """Class D: unknown for everybody. What is on record is told and decides nothing (King v. OVH shows the reach)."""
    group = {party.entity for party in parties}
    group |= {stake.holder for path in up if path.certain for stake in path.stakes if stake.kind in SHARES}
    paths = [
        Path(party=stake.holder, stakes=(stake,), end=stake.held, country=graph.entities[stake.held].seat, certain=True)
        for stake in graph.stakes
        if stake.holder in group
        and stake.kind in SHARES
        and stake.low >= CONTROLS
        and graph.seat(stake.held) is Seat.OUTSIDE
        and graph.seat(stake.holder) is not Seat.OUTSIDE
    ]
    return Finding(reach=Reach.SUBSIDIARIES, status=Status.UNKNOWN, paths=tuple(paths))


# ------------------------------------------------------------------ paths
def _upward(
    graph: Graph, party: EntityId, entity: EntityId, stakes: tuple[Stake, ...], seen: frozenset[EntityId]
) -> Iterator[Path]:
    """Iterate over the seats above a party: its own, its controlling holders', its sub-processors'."""
    certain = all(_controls(stake) for stake in stakes)
    seat = graph.entities[entity].seat if graph.seat(entity) is not Seat.UNKNOWN else None
    yield Path(party=party, stakes=stakes, end=entity, country=seat, certain=certain)
    if entity in seen:
        return
    for stake in graph.holders(entity, StakeKind.SUB_PROCESSOR):
        yield from _upward(graph, party, stake.holder, (*stakes, stake), seen | {entity})
    if entity in graph.unheld or seat is None:
        return
    kind = next((k for k in reversed(SHARES) if graph.holders(entity, k)), StakeKind.EQUITY)
    held = graph.holders(entity, kind)
    masters = [stake for stake in held if stake.low >= CONTROLS]
    for stake in masters or [stake for stake in held if stake.high > MAY_CONTROL]:
        yield from _upward(graph, party, stake.holder, (*stakes, stake), seen | {entity})
    rest = ALL - sum(stake.low for stake in held)
    hidden = rest > MAY_CONTROL and outside_together(graph, entity).high > MAY_CONTROL
    if not masters and hidden and graph.seat(entity) is Seat.INSIDE:
        yield Path(party=party, stakes=stakes, end=entity, country=None, certain=False, rest=rest)


def _controls(stake: Stake) -> bool:
    return stake.kind not in SHARES or stake.low >= CONTROLS


def _compulsions(graph: Graph, paths: Sequence[Path], today: date) -> Iterator[Compulsion]:
    """Iterate over the countries at the end of a path: third countries first, then those inside."""
    countries = sorted({p.country for p in paths if p.country}, key=lambda code: (code in graph.union, code))
    for country in countries:
        ends = sorted((p for p in paths if p.country == country), key=lambda p: (not p.certain, len(p.stakes)))
        texts = tuple(
            Text(regime=regime, overdue=regime.review_by is not None and today > regime.review_by)
            for regime in graph.regimes
            if regime.jurisdiction.code == country
        )
        yield Compulsion(
            country=country,
            inside=country in graph.union,
            certain=ends[0].certain,
            texts=texts,
            paths=tuple(ends),
        )
