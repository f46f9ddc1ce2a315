"""Exceptions in force are on the trail, without persons or ground; they end a snapshot on their days."""

import asyncio
from dataclasses import replace
from datetime import date

import msgspec
import pytest

from ecluse.app import grounds
from ecluse.edge.clock import start_of
from ecluse.edge.config import Settings, SettingsError
from ecluse.edge.exceptions import record_exceptions
from ecluse.edge.snapshots import build
from tests.edge.gateway import OWN
from tests.edge.test_runner import Diary, FakeStore
from tests.passage.decide.test_exceptions import exception, ministry

DAY = date(2026, 11, 24)
STATED = {
    "id": "D-1", "rule": "base.purpose", "ground": "g", "requested_by": "A", "approved_by": "B",
    "starts": date(2026, 11, 26), "ends": date(2026, 11, 27), "destinations": [OWN],
}  # fmt: skip


def settings(**stated: object) -> Settings:
    application = {"id": "a", "name": "A", "purposes": ["p"], "exceptions": [{**STATED, **stated}]}
    organisation = {"id": "o", "name": "O", "kind": "private", "applications": [application]}
    told = {"organisations": [organisation], "destinations": {"base_urls": {OWN: "http://127.0.0.1:9"}}}
    return msgspec.convert(told, Settings)


def test_an_exception_in_force_is_put_on_the_trail() -> None:
    diary = Diary()
    past = replace(exception(), id="D-0", starts=date(2026, 1, 1), ends=date(2026, 2, 1))
    asyncio.run(record_exceptions(FakeStore(diary), [ministry(exception(), past)], start_of(DAY)))
    assert diary.lines == ["durable admin"]


def test_a_snapshot_ends_when_an_exception_begins_and_when_it_has_ended() -> None:
    base = grounds(settings())
    assert build(base, DAY).valid_until == start_of(date(2026, 11, 26))
    assert build(base, date(2026, 11, 26)).valid_until == start_of(date(2026, 11, 28))


@pytest.mark.parametrize(
    ("stated", "why"), [({"rule": "base.credential"}, "nothing lifts it"), ({"approved_by": "A"}, "two persons")]
)
def test_an_exception_that_cannot_be_refuses_the_start(stated: dict[str, object], why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        build(grounds(settings(**stated)), DAY)


def test_an_exception_that_has_ended_may_name_a_destination_that_is_gone() -> None:
    ended = settings(starts=date(2026, 1, 1), ends=date(2026, 2, 1), destinations=["nobody/nowhere"])
    assert build(grounds(ended), DAY).destinations.keys() == {OWN}
    with pytest.raises(SettingsError, match="no destination 'nobody/nowhere'"):
        build(grounds(settings(destinations=["nobody/nowhere"])), DAY)
