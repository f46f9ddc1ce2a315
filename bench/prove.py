"""What loading and proving cost, and what every fact and rule has: one row for each number that was promised.

Run: python bench/prove.py. Needs the extra `prove`. Times are CPU time of this process, the best of several runs where
several are made; the facts are those of one fixed day.
"""

import gc
import statistics
import time
from collections.abc import Callable
from functools import partial
from itertools import combinations

import decide as deciding

from ecluse.cli.facts import engine_of, places_of
from ecluse.cli.registry import items
from ecluse.domain.finding import MASKED_FORM, DataClass
from ecluse.edge.amendments.weighing import invariants_of
from ecluse.packs import policies
from ecluse.packs.policies.cases import cases
from ecluse.packs.registry import establish, load
from ecluse.prove.diff import compare
from ecluse.prove.invariants import show
from ecluse.prove.plan import every_plan_is_permitted
from ecluse.prove.symbolic.show import broken_by, show_symbolic

RUNS = 3
PLAIN = [c for c in DataClass if c not in MASKED_FORM.values()]
SETS = [frozenset(chosen) for size in (1, 2, 3) for chosen in combinations(PLAIN, size)]
"""Sets of data classes, each asked about once."""


def best(work: Callable[[], object], runs: int = RUNS) -> float:
    """Return the least CPU seconds of some runs."""
    taken = []
    for _ in range(runs):
        gc.collect()
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def tell(what: str, promised: str, measured: str) -> None:
    """Print one row."""
    print(f"{what:<58} {promised:>12} {measured:>24}", flush=True)


def proofs() -> None:
    """Measure loading, the two kinds of proof, a difference, and routing."""
    known, sources = load(), policies.load()
    day = deciding.DAY
    destinations = establish(known, day)
    engine = engine_of(sources, destinations, places_of(known, day), day)
    stated, rules = invariants_of(sources), engine.rulebook.rules
    shown = show(rules, stated, engine)
    tell("load the registry and establish a day", "< 1 s", f"{best(lambda: establish(load(), day)):.2f} s")
    seconds = best(lambda: show(rules, stated, engine))
    tell(f"{len(stated)} invariants over {shown.questions:,} questions", "< 5 s", f"{seconds:.2f} s")
    each = {one.id: best(partial(broken_by, rules, one, engine), 1) for one in stated}
    slowest = max(each, key=lambda id_: each[id_])
    tell(f"slowest invariant over any destination ({slowest})", "< 2 s", f"{each[slowest]:.2f} s")
    whole = best(lambda: show_symbolic(rules, stated, engine), 1)
    tell("all of them, with classes, dead and redundant rules", "-", f"{whole:.2f} s")
    tell("difference of two sets of rules", "-", f"{best(lambda: compare(engine, engine), 1):.2f} s")
    tell(f"{every_plan_is_permitted():,} plans of routing", "-", f"{best(every_plan_is_permitted, 1):.2f} s")


def decisions() -> None:
    """Measure a decision over every destination, as is and masked: each set of classes is asked once, then again."""
    again = []
    for size in deciding.SIZES:
        of, one = deciding.snapshot(size, folded=True), deciding.caller("bench")
        taken: dict[str, list[float]] = {"Permit": [], "Refusal": []}
        candidates = tuple(of.destinations)
        deciding.decide(of, deciding.question(one, frozenset()), candidates, now=deciding.NOW)
        for classes in SETS:
            asked = deciding.question(one, classes)
            start = time.process_time_ns()
            verdict = deciding.decide(of, asked, candidates, now=deciding.NOW)
            taken[type(verdict).__name__].append((time.process_time_ns() - start) / 1_000)
        promised = "< 300 us" if size == 50 else "-"  # noqa: PLR2004 - the size that the promise is about
        for name, words in (("Permit", "permitted"), ("Refusal", "refused, with what would help")):
            told = f"{statistics.median(taken[name]):.0f} us of {len(taken[name])}"
            tell(f"{size:,} destinations x 2 forms, new, {words}", promised, told)
        same = deciding.timed(15, lambda _, one=one: deciding.question(one, deciding.LETTER), of, inner=2_000)
        again.append(f"{same:.1f}")
    sizes = ", ".join(f"{size:,}" for size in deciding.SIZES)
    tell(f"the same asked again, {sizes} destinations", "5 us, flat", f"{', '.join(again)} us")


def records() -> None:
    """Count what every fact and every rule has."""
    facts = list(items(load()))
    sourced = sum(1 for one in facts if one.source.title and one.source.as_of)
    tell(f"of {len(facts)} facts, those with a source and a date", "100 %", f"{100 * sourced / len(facts):.1f} %")
    written = cases()
    told = {(case.rule, case.verdict) for case in written}
    rules = deciding.snapshot(1, folded=False).rulebook.rules
    both = sum(1 for rule in rules if {(rule, "permit"), (rule, "refuse")} <= told)
    tell(f"of {len(rules)} rules, those with a permitting and a refusing case", "all", f"{both} ({len(written)} cases)")


def main() -> None:
    """Print the table."""
    print(f"{'what':<58} {'promised':>12} {'measured':>24}")
    proofs()
    records()
    decisions()


if __name__ == "__main__":
    main()
