"""The table of places says what the rules say: which data a gateway that runs there may not hold."""

from datetime import date

from ecluse.domain.caller import (
    HDS_ACTIVITIES,
    Analysis,
    AnalysisKind,
    Application,
    ApplicationId,
    CallerKind,
    Organisation,
    OrganisationId,
    Purpose,
)
from ecluse.domain.finding import MASKED_CLASSES, DataClass
from ecluse.domain.verdict import Action, Mode, Question
from ecluse.packs import policies, registry
from ecluse.packs.registry import place
from ecluse.passage.decide import compile_rules
from tests.docs.markdown import code, codes, page, rows, section

PAGE = "docs/how-to/run-on-kubernetes.md"
DAY = date(2026, 11, 24)
KINDS = ("iaas", "own_premises")


def application(*, care: bool) -> Application:
    """Return an application of the State with every analysis on record: what is left is the place's."""
    organisation = Organisation(id=OrganisationId("o"), name="o", kind=CallerKind.STATE_ADMINISTRATION)
    return Application(
        id=ApplicationId("a"),
        organisation=organisation,
        name="a",
        purposes=(Purpose("drafting"),),
        analyses=tuple(Analysis(kind=kind, reference="1", activities=HDS_ACTIVITIES) for kind in AnalysisKind),
        care=care,
    )


def refused() -> dict[str, dict[bool, set[str]]]:
    """Ask the rules of each place and class, without care and with it."""
    facts, sources = registry.load(), policies.load()
    rules = compile_rules(sources.schema, sources.policies, destinations={}, today=DAY)
    names = [name for name, offer in facts.offers.items() if offer.kind in KINDS]
    found: dict[str, dict[bool, set[str]]] = {}
    for name in [*names, "unknown"]:
        where = place(facts, name, "runs", DAY, "FR")
        found[name] = {care: set() for care in (False, True)}
        for care in (False, True):
            for data_class in DataClass:
                question = Question(
                    application=application(care=care),
                    action=Action.INFER,
                    purpose=Purpose("drafting"),
                    classes=frozenset({data_class}),
                )
                if any(reason.mode is Mode.ENFORCE for reason in rules.hold(question, where)):
                    found[name][care].add(data_class.value)
    return found


def plain(classes: set[str]) -> set[str]:
    return classes - {one.value for one in MASKED_CLASSES}


def test_the_table_of_places_says_what_the_rules_refuse() -> None:
    known = refused()
    table = {code(row["place"]): row for row in rows(section(page(PAGE), "Which data this gateway may accept"))}
    assert table.keys() == known.keys()
    for name, row in table.items():
        every = {one.value for one in DataClass} - {one.value for one in MASKED_CLASSES}
        never = plain(known[name][False])
        written = every if row["may not hold"] == "anything but public data" else set(codes(row["may not hold"]))
        assert written == never, name
        more = plain(known[name][True]) - never
        written = set(codes(row["and, for data of care"]))
        assert written == more, name
