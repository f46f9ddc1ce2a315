"""What a provider is asked to keep: asked beside what is sent, and both must be permitted."""

from dataclasses import replace

from ecluse.domain.destination import VAULT, DestinationId
from ecluse.domain.finding import DataClass
from ecluse.domain.snapshot import Snapshot
from ecluse.domain.verdict import Permit, Question, Refusal
from ecluse.packs.registry import establish, load, place
from ecluse.passage.decide import activate, decide, held
from tests.passage.decide.world import KEEPERS, NOW, TODAY, caller, keeping, question, snapshot

EU = DestinationId("keeper/eu/keeper-1")
AFAR = DestinationId("keeper/afar/keeper-1")
PERSONAL = DataClass.PERSONAL


def world() -> Snapshot:
    found = establish(load(own=[KEEPERS]), TODAY)
    return replace(snapshot(rules=keeping()), destinations=found)


def asked(*classes: DataClass, keeps: bool = True, plus: tuple[str, ...] = (), covered: bool = False) -> Question:
    made = question(caller("company", contracts=["keeper", "openai"], plus=plus), *classes)
    return replace(made, keeps=keeps, covered=frozenset(classes) if covered else frozenset())


def rules(refusal: object) -> set[str]:
    assert isinstance(refusal, Refusal)
    return {reason.rule for reason in refusal.reasons}


def test_keeping_is_asked_beside_sending() -> None:
    permit = decide(world(), asked(), (EU,), now=NOW)
    assert isinstance(permit, Permit)
    assert set(permit.rules) == {"base.contract", "base.kept"}


def test_what_may_be_sent_and_not_kept_is_refused_and_told_to_be_sent_without_store() -> None:
    sent = decide(world(), asked(PERSONAL, keeps=False), (EU,), now=NOW)
    kept = decide(world(), asked(PERSONAL), (EU,), now=NOW)
    assert isinstance(sent, Permit)
    assert rules(kept) == {"base.kept_assessment"}
    assert isinstance(kept, Refusal)
    said = " ".join(hint.en for hint in kept.would_help)
    assert "With `store` false" in said
    assert "an assessment of what the provider keeps on record" in said


def test_a_verdict_on_sending_is_never_taken_for_one_on_keeping() -> None:
    snapshot_ = world()
    for keeps, kind in ((False, Permit), (True, Refusal), (False, Permit)):
        assert isinstance(decide(snapshot_, asked(PERSONAL, keeps=keeps), (EU,), now=NOW), kind)


def test_what_is_masked_may_be_kept_under_the_same_assessment() -> None:
    plus = ("retention_assessment",)
    permit = decide(world(), asked(DataClass.NATIONAL_ID, plus=plus, covered=True), (EU,), now=NOW)
    assert isinstance(permit, Permit)
    assert [choice.masked for choice in permit.choices] == [True]


def test_a_service_that_keeps_elsewhere_than_it_processes_refuses() -> None:
    assert rules(decide(world(), asked(PERSONAL, plus=("retention_assessment",)), (AFAR,), now=NOW)) == {
        "gdpr.kept_transfer"
    }


def test_a_service_of_which_no_end_is_known_refuses_public_data_too() -> None:
    openai = DestinationId("openai/global/gpt-5.4")
    assert isinstance(decide(world(), asked(keeps=False), (openai,), now=NOW), Permit)
    assert rules(decide(world(), asked(), (openai,), now=NOW)) == {"base.kept_unstated"}


def stays(name: str, *classes: DataClass, plus: tuple[str, ...] = (), stays: bool = True) -> set[str]:
    """Return the rules that refuse to let the vault at a place keep these classes."""
    vault = place(load(own=[KEEPERS]), name, VAULT, TODAY)
    asks = replace(asked(*classes, keeps=False, plus=plus), stays=stays)
    refusal = held(replace(world(), places=(vault,)), asks, now=NOW)
    return set() if refusal is None else rules(refusal)


def test_the_vault_is_asked_as_who_keeps_where_a_conversation_stays_there() -> None:
    assessed = ("retention_assessment",)
    assert stays("own_premises") == set()
    assert stays("own_premises", PERSONAL) == {"base.kept_assessment"}
    assert stays("own_premises", PERSONAL, stays=False) == set()
    assert stays("own_premises", PERSONAL, DataClass.HEALTH, DataClass.TRADE_SECRET, plus=assessed) == set()
    assert stays("own_premises", DataClass.CREDENTIAL) == {"base.kept_never"}
    assert stays("of which nothing is known") == {"base.kept_unstated"}


def test_folded_rules_and_cedar_say_the_same_of_the_vault() -> None:
    vault = place(load(own=[KEEPERS]), "own_premises", VAULT, TODAY)
    book = keeping()
    assert activate(book, seed=7).difference is None
    assert book.is_folded
    for classes in ((), (PERSONAL,), (DataClass.CREDENTIAL,), (DataClass.HEALTH, DataClass.SPECIAL)):
        assert book.confirm(replace(asked(*classes, keeps=False), stays=True), (), (vault,))
