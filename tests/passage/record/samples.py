"""Entries as they come, for the tests of everything that holds entries. No chance: ids derive from a number."""

from datetime import date

from ecluse.domain.caller import (
    Application,
    ApplicationId,
    Caller,
    CallerKind,
    KeyId,
    Organisation,
    OrganisationId,
    Purpose,
)
from ecluse.domain.destination import DestinationId, PlaceId
from ecluse.domain.finding import DataClass
from ecluse.domain.request import Surface
from ecluse.domain.snapshot import Instant, SnapshotId
from ecluse.domain.trail import Entry, EntryId, OutcomeStatus, PassageId
from ecluse.domain.verdict import Basis, Choice, Mode, Permit, Reason, Refusal, RuleId
from ecluse.passage import record

NOW = Instant(1_795_521_600_000)
TODAY = date(2026, 11, 24)
SEED = bytes(range(32))

ORGANISATION = Organisation(id=OrganisationId("ville"), name="Ville", kind=CallerKind.LOCAL_AUTHORITY)
APPLICATION = Application(
    id=ApplicationId("courrier"), organisation=ORGANISATION, name="Courrier", purposes=(Purpose("drafting"),)
)
CALLER = Caller(application=APPLICATION, key=KeyId("key_0011223344556677"))
HERE = DestinationId("scaleway/generative-apis/mistral-small-3.2")
THERE = DestinationId("ovhcloud/ai-endpoints/mistral-small-3.2")
AS_IS = Choice(destination=HERE, masked=False)
MASKED = Choice(destination=THERE, masked=True)
WATCHED = Reason(
    rule=RuleId("house/watch"), en="Watched.", fr="Observé.", source="house", basis=Basis.HOUSE, mode=Mode.OBSERVE
)
PERMIT = Permit(choices=(AS_IS, MASKED), rules=(RuleId("base/eu"),), observed=(WATCHED, WATCHED))
REFUSAL = Refusal(
    reasons=(Reason(rule=RuleId("hds/host"), en="No.", fr="Non.", source="CSP L.1111-8", basis=Basis.LAW),),
    place=PlaceId("own_premises"),
    observed=(WATCHED,),
)


def id_of(number: int, label: str = "entry") -> EntryId:
    return record.entry_id(SEED, f"{label}-{number}")


def passage_of(number: int) -> PassageId:
    return PassageId(id_of(number, "passage"))


def intent(number: int = 0, *, attempt: int = 1, choice: Choice = AS_IS, model: str = "mistral-small-3.2") -> Entry:
    return record.intent(
        id=id_of(number, f"intent-{attempt}"),
        passage=passage_of(number),
        attempt=attempt,
        now=NOW,
        caller=CALLER,
        surface=Surface.CHAT,
        purpose=Purpose("drafting"),
        pinned=SnapshotId("pinned"),
        current=SnapshotId("current"),
        declared={DataClass.PERSONAL},
        found={DataClass.NATIONAL_ID, DataClass.PERSONAL},
        counts={"person": 2, "french_nir": 1},
        choice=choice,
        simulated=True,
        permit=PERMIT,
        strategy="cheapest",
        plan=(THERE, HERE),
        scores={THERE: 120_000},
        left_out={HERE: "resting"},
        model=model,
        places=[PlaceId("own_premises")],
        instruction=choice.masked,
        commitment=record.commitment(bytes(32), b"body"),
        size=4,
    )


def refusal(number: int = 0, *, model: str | None = "mistral-small-3.2", verdict: Refusal | None = REFUSAL) -> Entry:
    return record.refusal(
        id=id_of(number, "refusal"),
        passage=passage_of(number),
        now=NOW,
        caller=CALLER,
        surface=Surface.CHAT,
        purpose=Purpose("drafting"),
        pinned=SnapshotId("pinned"),
        current=SnapshotId("current"),
        declared=(),
        found={DataClass.HEALTH},
        counts={"health_term": 3},
        model=model,
        places=[PlaceId("own_premises")],
        code="policy_denied" if verdict else "policy_unavailable",
        verdict=verdict,
    )


def outcome(number: int = 0, *, destination: DestinationId | None = HERE, label: str = "outcome") -> Entry:
    return record.outcome(
        id=id_of(number, label),
        passage=passage_of(number),
        now=NOW,
        status=OutcomeStatus.DONE,
        destination=destination,
        tokens_in=12,
        tokens_out=34,
        cost_micro=17,
        currency="EUR",
        price_as_of="2026-09-26",
        calls=1,
        upstream_status=200,
        duration_ms=56,
    )


def admin(number: int = 0) -> Entry:
    return record.admin(
        id=id_of(number, "admin"), now=NOW, action="opening_erased", actor="dpo", subject="entry", facts={"count": 1}
    )


def passages(count: int) -> list[Entry]:
    """Return a trail's worth of entries: a refusal, then intents and outcomes in pairs, then an administrative act."""
    entries = [refusal(0)]
    for number in range(1, count + 1):
        entries += [intent(number), outcome(number)]
    return [*entries, admin(0)]
