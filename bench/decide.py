"""What a decision costs: the folded rules and Cedar, by number of destinations, as is and masked.

Run: python bench/decide.py. Times are CPU time of this process, the median of several runs, so that neighbours on the
machine count little. `first` folds the rules for a caller class never seen; `new classes` asks a caller class that is
folded about a set of data classes never seen, `refused` one that nothing may have, with its hints; `again` repeats a
question; `Cedar` asks Cedar about a set never seen.
"""

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import cycle, islice

from ecluse.domain.caller import (
    Analysis,
    AnalysisKind,
    Application,
    ApplicationId,
    CallerKind,
    Organisation,
    OrganisationId,
    Purpose,
)
from ecluse.domain.destination import Destination, DestinationId
from ecluse.domain.finding import MASKED_FORM, DataClass
from ecluse.domain.party import ProviderId
from ecluse.domain.request import Capability
from ecluse.domain.snapshot import Instant, Snapshot, SnapshotId
from ecluse.domain.verdict import Action, Question
from ecluse.packs import dictionaries, policies
from ecluse.packs.registry import establish, load, place
from ecluse.passage.classify import built_in, engine
from ecluse.passage.decide import activate, compile_rules, decide

DAY = date(2026, 11, 24)
NOW = Instant(int(datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC).timestamp() * 1000))
SIZES = (10, 50, 200, 1_000)
LETTER = frozenset({DataClass.PERSONAL, DataClass.PAYMENT})
RUNS = 15


def many(number: int) -> Mapping[DestinationId, Destination]:
    """Return so many destinations that can hold a conversation, with the facts of those on record in turn.

    Every second one has a share of its own, so that there are many kinds of them.
    """
    known = [d for d in establish(load(), DAY).values() if Capability.CHAT in d.capabilities]
    named = (
        replace(one, id=DestinationId(f"{one.id}/{index}"), non_eu_share_max=index % 100 if index % 2 else 100)
        for index, one in enumerate(islice(cycle(known), number))
    )
    return {one.id: one for one in named}


def snapshot(number: int, *, folded: bool) -> Snapshot:
    """Return a snapshot of so many destinations."""
    sources, destinations, here = policies.load(), many(number), place(load(), "own_premises", "runs", DAY, "FR")
    rulebook = compile_rules(sources.schema, sources.policies, destinations=destinations, today=DAY)
    if folded:
        agreed = activate(rulebook, [here], seed=1)
        if agreed.difference is not None:
            raise SystemExit(agreed.difference)
    return Snapshot(
        id=SnapshotId("bench"),
        today=DAY.isoformat(),
        valid_until=Instant(NOW + 86_400_000),
        destinations=destinations,
        aliases={},
        places=(here,),
        rulebook=rulebook,
        detector=engine(built_in().values(), dictionaries.load()),
    )


def caller(name: str) -> Application:
    """Return a company with a contract with every provider."""
    contracts = frozenset(ProviderId(provider) for provider in load().providers)
    organisation = Organisation(
        id=OrganisationId(name), name=name, kind=CallerKind.PRIVATE, contracts=contracts | {ProviderId(name)}
    )
    kinds = (AnalysisKind.REGISTER_ENTRY, AnalysisKind.IMPACT_ASSESSMENT, AnalysisKind.MASKING_ASSESSMENT)
    return Application(
        id=ApplicationId(name),
        organisation=organisation,
        name=name,
        purposes=(Purpose("drafting"),),
        analyses=tuple(Analysis(kind=kind, reference="bench") for kind in kinds),
    )


def question(application: Application, classes: frozenset[DataClass]) -> Question:
    """Ask about some classes, all of which a mask covers that has a form for them."""
    covered = frozenset(classes & MASKED_FORM.keys())
    return Question(
        application=application, action=Action.INFER, purpose=Purpose("drafting"), classes=classes, covered=covered
    )


def timed(runs: int, before: Callable[[int], Question], of: Snapshot, *, inner: int = 1) -> float:
    """Return the median microseconds of one decision."""
    candidates, taken = tuple(of.destinations), []
    for run in range(runs):
        asked = before(run)
        gc.collect()
        start = time.process_time_ns()
        for _ in range(inner):
            decide(of, asked, candidates, now=NOW)
        taken.append((time.process_time_ns() - start) / inner / 1_000)
    return statistics.median(taken)


def sets(run: int, *, refused: bool) -> frozenset[DataClass]:
    """Return another set of classes each time, with personal data in it; classified text is refused everywhere."""
    free = [c for c in DataClass if c not in {*MASKED_FORM, *MASKED_FORM.values(), DataClass.CLASSIFIED}]
    chosen = frozenset(c for bit, c in enumerate(free) if run + 1 >> bit & 1)
    return LETTER | chosen | {DataClass.CLASSIFIED} if refused else LETTER | chosen


def row(size: int) -> str:
    """Measure one number of destinations."""
    fast, slow = snapshot(size, folded=True), snapshot(size, folded=False)
    one = caller("bench")
    decide(fast, question(one, LETTER), tuple(fast.destinations), now=NOW)
    figures = [
        timed(RUNS, lambda run: question(caller(f"bench-{run}"), LETTER), fast),
        timed(4, lambda run: question(one, sets(run, refused=False)), fast),
        timed(4, lambda run: question(one, sets(run, refused=True)), fast),
        timed(RUNS, lambda _: question(one, LETTER), fast, inner=2_000),
        timed(3, lambda run: question(one, sets(run, refused=False)), slow),
    ]
    return (
        f"{size:>12} {figures[0]:>9.0f} {figures[1]:>12.0f} {figures[2]:>9.0f} {figures[3]:>7.2f} {figures[4]:>10.0f}"
    )


def main() -> None:
    """Print the table."""
    print("microseconds of CPU a decision over every destination, as is and masked")
    print(f"{'destinations':>12} {'first':>9} {'new classes':>12} {'refused':>9} {'again':>7} {'Cedar':>10}")
    for size in SIZES:
        print(row(size), flush=True)


if __name__ == "__main__":
    main()
