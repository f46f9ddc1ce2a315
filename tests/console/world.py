"""A console over an invented month: the demo's callers, and a trail that a fixed draw of chance wrote."""

import hashlib
import random
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from demo.scenes import ORGANISATIONS
from demo.world import LOCAL, ORDER, STANDS
from ecluse.app import clock, grounds
from ecluse.console.ground import Ground
from ecluse.domain.caller import Caller, KeyId
from ecluse.domain.destination import Destination
from ecluse.domain.errors import EcluseError
from ecluse.domain.finding import Classification, DataClass, Finding
from ecluse.domain.request import Capability, SlotPath, Surface
from ecluse.domain.routing import Strategy
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import Entry, EntryId, OutcomeStatus, PassageId
from ecluse.domain.verdict import Permit, Refusal
from ecluse.edge.config import Settings
from ecluse.edge.keys import Secrets
from ecluse.edge.keys import state as where
from ecluse.edge.snapshots import Grounds
from ecluse.edge.stores.file import Line, TrailFile, line_of
from ecluse.edge.stores.schema import create
from ecluse.passage.decide import decide, resolve
from ecluse.passage.question import Asked, question_of
from ecluse.passage.record import intent, outcome, refusal

DAY = date(2026, 11, 24)
CLAIRE = "Claire Martin"
HTML = "<script>alert('x')</script><img src=x onerror=alert(1)>\"'&"
"""What somebody might type where words are expected."""
MIXES = (
    (30, ()),
    (34, ("personal",)),
    (9, ("national_id", "personal")),
    (7, ("payment", "personal")),
    (9, ("health", "personal")),
    (3, ("credential",)),
    (2, ("restricted",)),
    (3, ("unreadable",)),
)


def settings(state: Path, **more: object) -> Settings:
    """Return the demo's settings with nothing behind the simulators."""
    modes = more.pop("modes", {"gdpr.special_terms": "observe"})
    stated: dict[str, Any] = {
        "gateway": {
            "hosted_on": "own_premises",
            "country": "FR",
            "state_dir": str(state),
            "unsafe_pinned_date": DAY,
        },
        "destinations": {"order": list(ORDER), "base_urls": {LOCAL: "http://127.0.0.1:9/v1"}},
        "unsafe_simulators": {stand.destination: "http://127.0.0.1:9" for stand in STANDS},
        **tomllib.loads(ORGANISATIONS.read_text(encoding="utf-8")),
        **more,
    }
    for organisation in stated["organisations"]:
        if organisation["id"] == "region":
            organisation["modes"] = modes
    return msgspec.convert(stated, Settings)


def with_budgets(state: Path) -> list[dict[str, Any]]:
    """Return the demo's organisations with limits and a team."""
    named: list[dict[str, Any]] = [msgspec.to_builtins(one) for one in settings(state).organisations]
    for one in named:
        one["allowance"] = {"euros_per_day": 10.0, "euros_per_month": 0.5, "requests_per_minute": 60}
        one["teams"] = [{"id": "desk", "name": "The desk"}]
        one["applications"][0]["team"] = "desk"
    return named


def ground(state: Path, **more: object) -> Ground:
    """Return what a console stands on."""
    stated = settings(state, **more)
    return Ground(settings=stated, base=grounds(stated, _read_once()), clock=clock(stated))


@cache
def _read_once() -> Grounds:
    """Read what every console of these tests has alike, once: above all the detector."""
    return grounds(settings(Path("/nonexistent")))


def _write_secrets(state: Path) -> None:
    """Write secrets that are the same each time, so that the pages look the same."""
    state.mkdir(parents=True, exist_ok=True)
    lines = ["version = 1", 'origin = "ecluse.example/console"']
    lines += [f'{name} = "{digit * 64}"' for name, digit in (("pepper", "1"), ("masking", "2"), ("signing", "3"))]
    path = where.secrets(state)
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_trail(over: Ground, passages: int, *, seed: int = 7, days: int = 30) -> None:
    """Write a trail of so many passages, over the days that end on the pinned one."""
    _write_secrets(over.state)
    own = Secrets.open(over.state)
    create(where.trail(over.state))
    file = TrailFile(where.trail(over.state), own.signer())
    file.open()
    try:
        batch: list[Line] = []
        for entry in entries(over, passages, seed, days):
            batch.append(line_of(entry))
            if len(batch) >= 5000:
                assert not any(file.commit(batch, seal=True))
                batch = []
        assert not any(file.commit(batch, seal=True))
    finally:
        file.close()


def entries(over: Ground, passages: int, seed: int, days: int) -> Iterator[Entry]:
    """Draw passages: who, with what, and what the rules say of it."""
    chance = random.Random(seed)  # noqa: S311 - an invented month
    begin = int(datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC).timestamp() * 1000) - (days - 1) * 86_400_000
    span = (days - 1) * 86_400_000 + 10 * 3_600_000
    cases = list(_cases(over))
    weights = [case[0] for case in cases]
    moments = sorted(Instant(begin + int(span * chance.random())) for _ in range(passages * 3))
    working = [at for at in moments if datetime.fromtimestamp(at / 1000, UTC).weekday() < 5 or chance.random() < 0.12]
    for number, at in enumerate(sorted(chance.sample(working, passages))):
        _, caller, mix, verdict = chance.choices(cases, weights)[0]
        yield from _passage(over, chance, number, at, caller, mix, verdict)


def _cases(over: Ground) -> Iterator[tuple[int, Caller, Classification, Permit | Refusal]]:
    snapshot = over.snapshot
    for application in over.base.applications.values():
        for weight, mix in MIXES:
            found = _found(mix)
            question = question_of(application, Asked(), Surface.CHAT, found)
            try:
                candidates = resolve(snapshot, "auto", frozenset({Capability.CHAT}))
                verdict = decide(snapshot, question, candidates, now=over.clock.now())
            except EcluseError:
                continue
            yield weight, Caller(application=application, key=KeyId("key-1")), found, verdict


def _found(mix: tuple[str, ...]) -> Classification:
    findings = tuple(
        Finding(
            slot=SlotPath("text"), start=i, end=i + 1, kind=name, data_class=DataClass(name), confidence=0.9,
            recogniser=name, evidence="",
        )
        for i, name in enumerate(mix)
        if name != "unreadable"
    )  # fmt: skip
    return Classification(
        findings=findings, detector="drawn", unreadable=(SlotPath("file"),) if "unreadable" in mix else ()
    )


def _id(seed: str) -> str:
    return hashlib.sha256(seed.encode()).hexdigest()[:32]


def _passage(
    over: Ground,
    chance: random.Random,
    number: int,
    at: Instant,
    caller: Caller,
    found: Classification,
    verdict: Permit | Refusal,
) -> Iterator[Entry]:
    snapshot = over.snapshot
    passage = PassageId(_id(f"passage-{number}"))
    shared: Any = {
        "passage": passage,
        "caller": caller,
        "surface": Surface.CHAT,
        "purpose": caller.application.purposes[0],
        "pinned": snapshot.id,
        "current": snapshot.id,
        "declared": caller.application.declared,
        "found": found.classes,
        "counts": found.counts,
        "places": [place.id for place in snapshot.places],
        "model": "auto",
    }
    if not isinstance(verdict, Permit):
        yield refusal(id=EntryId(_id(f"refusal-{number}")), now=at, code="policy_denied", verdict=verdict, **shared)
        return
    choice = chance.choices(verdict.choices, [1 / (2 + i) for i in range(len(verdict.choices))])[0]
    yield intent(
        id=EntryId(_id(f"intent-{number}")),
        now=at,
        attempt=1,
        choice=choice,
        simulated=True,
        permit=verdict,
        strategy=Strategy.WRITTEN,
        plan=[choice.destination],
        scores={},
        left_out={},
        instruction=choice.masked,
        commitment=hashlib.sha256(str(number).encode()).hexdigest(),
        size=chance.randrange(300, 9000),
        **shared,
    )
    yield _ended(chance, number, at, passage, snapshot.destinations[choice.destination], masked=choice.masked)


def _ended(
    chance: random.Random, number: int, at: Instant, passage: PassageId, destination: Destination, *, masked: bool
) -> Entry:
    failed = chance.random() < 0.02
    price = destination.price
    return outcome(
        id=EntryId(_id(f"outcome-{number}")),
        passage=passage,
        now=Instant(at + chance.randrange(300, 4000)),
        status=OutcomeStatus.FAILED if failed else OutcomeStatus.DONE,
        code="upstream_error" if failed else None,
        destination=destination.id,
        tokens_in=chance.randrange(80, 2500),
        tokens_out=None if failed else chance.randrange(40, 900),
        cost_micro=None if price is None else chance.randrange(400, 9000),
        currency=None if price is None else price.currency,
        restored=chance.randrange(4) if masked else 0,
        upstream_status=500 if failed else 200,
        duration_ms=chance.randrange(300, 4000),
    )
