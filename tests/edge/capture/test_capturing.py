"""What is kept and what is not: judged by the entry that the trail has, and by what is found in the answer."""

import asyncio
import json
from collections.abc import Iterable, MutableMapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ecluse.api import detector
from ecluse.domain.caller import OrganisationId
from ecluse.domain.errors import GatewayError
from ecluse.domain.trail import Entry, EntryId, Opening
from ecluse.edge.capture.capturing import LIMIT, Capturing, capturing_of
from ecluse.edge.capture.files import SafeFiles
from ecluse.edge.capture.safe import Content, Safe, View
from ecluse.edge.capture.unusable import CaptureUnusable
from ecluse.edge.capture.wrapping import HeldKey
from ecluse.edge.capture_settings import CaptureSettings
from ecluse.edge.config import EgressSettings, SettingsError
from ecluse.passage.record import canonical
from tests.edge.http.trail_site import StandingClock
from tests.passage.record import samples

KEY = HeldKey(bytes(range(32)))
TOWN = samples.ORGANISATION.id
FOUND = detector(tagger=False)
CARD = "4111 1111 1111 1111"
SECRET = "AKIA" + "IOSFODNN7EXAMPLQ"
INTENT = samples.intent(1)


class Log:
    """A trail in memory."""

    def __init__(self, *entries: Entry) -> None:
        self.entries = list(entries)

    async def append(self, entry: Entry, opening: Opening | None = None) -> None:
        del opening
        await asyncio.sleep(0)
        self.entries.append(entry)

    def index_of(self, entry: EntryId) -> int | None:
        return next((index for index, one in enumerate(self.entries) if one.id == entry), None)

    def rows(self, start: int, stop: int) -> Iterable[bytes]:
        return [canonical(entry) for entry in self.entries[start:stop]]

    def size(self) -> int:
        return len(self.entries)


class Full(Log):
    """A trail that cannot be written."""

    async def append(self, entry: Entry, opening: Opening | None = None) -> None:
        del entry, opening
        await asyncio.sleep(0)
        raise GatewayError("trail_unavailable")


def capturing(folder: Path, log: Log, *, organisation: OrganisationId = TOWN) -> Capturing:
    return Capturing(
        safe=Safe(SafeFiles(folder)),
        store=log,
        clock=StandingClock(),
        keys={organisation: KEY},
        days={organisation: 30},
        detector=lambda _: FOUND,
    )


def kept(
    folder: Path, entry: Entry, answer: Sequence[bytes], kind: str = "application/json", status: int = 200
) -> Content | None:
    """Answer a request of which the trail has `entry`; return what is kept of it."""
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        await asyncio.sleep(0)
        sent.append(message)

    async def work() -> None:
        made = capturing(folder, Log(entry))
        watched = made.watch(samples.APPLICATION, b'{"input":"a question"}', send)
        assert watched is not None
        headers = [(b"x-ecluse-entry", entry.id.encode()), (b"content-type", kind.encode())]
        await watched.send({"type": "http.response.start", "status": status, "headers": headers})
        for piece in answer:
            await watched.send({"type": "http.response.body", "body": piece, "more_body": True})
        await watched.send({"type": "http.response.body", "body": b"", "more_body": False})
        await made.keep(watched)

    asyncio.run(work())
    assert b"".join(one.get("body", b"") for one in sent) == b"".join(answer)
    safe = Safe(SafeFiles(folder))
    return safe.open(entry.id, KEY, samples.NOW) if safe.find(entry.id, samples.NOW) else None


@pytest.mark.parametrize("named", [True, False])
def test_what_was_answered_already_is_kept_when_its_entry_is_named(tmp_path: Path, named: bool) -> None:  # noqa: FBT001 - pytest's parameter
    entry, answer = samples.intent(1), body("a free place")[0]

    async def work() -> None:
        made = capturing(tmp_path, Log(entry))
        headers = {"content-type": "application/json"} | ({"x-ecluse-entry": entry.id} if named else {})
        heard = made.heard(samples.APPLICATION, b'{"input":"a question"}', headers, answer)
        assert heard is not None
        await made.keep(heard)

    asyncio.run(work())
    safe = Safe(SafeFiles(tmp_path))
    if not named:
        assert safe.find(entry.id, samples.NOW) is None
        return
    content = safe.open(entry.id, KEY, samples.NOW)
    assert (content.prompt, content.answer, content.withheld) == ('{"input":"a question"}', answer.decode(), "")


def body(text: str) -> list[bytes]:
    return [json.dumps({"choices": [{"message": {"content": text}}]}).encode()]


def stream(*pieces: str) -> list[bytes]:
    events = [json.dumps({"choices": [{"delta": {"content": piece}}]}) for piece in pieces]
    return [f"data: {event}\n\n".encode() for event in (*events,)] + [b"data: [DONE]\n\n"]


def with_classes(*names: str, declared: Sequence[str] = ()) -> Entry:
    return replace(INTENT, body={**INTENT.body, "found": names, "declared": tuple(declared)})


def test_a_prompt_and_its_answer_are_kept(tmp_path: Path) -> None:
    assert kept(tmp_path, INTENT, body("Nothing special")) == Content(
        prompt='{"input":"a question"}', answer=body("Nothing special")[0].decode()
    )


@pytest.mark.parametrize("name", ["classified", "restricted", "credential", "unreadable"])
@pytest.mark.parametrize("place", ["found", "declared"])
def test_nothing_is_kept_of_what_never_may_be(tmp_path: Path, name: str, place: str) -> None:
    entry = with_classes(name) if place == "found" else with_classes(declared=[name])
    assert kept(tmp_path, entry, body("Fine")) is None


@pytest.mark.parametrize("entry", [samples.refusal(1), samples.outcome(1)], ids=["refusal", "outcome"])
def test_nothing_is_kept_of_what_was_not_sent(tmp_path: Path, entry: Entry) -> None:
    assert kept(tmp_path, entry, body("Fine")) is None


def test_nothing_is_kept_of_an_error_or_for_an_organisation_that_did_not_ask(tmp_path: Path) -> None:
    assert kept(tmp_path, INTENT, body("Fine"), status=502) is None
    other = capturing(tmp_path, Log(), organisation=OrganisationId("another"))
    assert other.watch(samples.APPLICATION, b"{}", _nowhere) is None
    assert capturing(tmp_path, Log()).watch(samples.APPLICATION, b" " * (LIMIT + 1), _nowhere) is None


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (body(f"The card is {CARD}"), "application/json", "had not: payment"),
        (body(f"Use {SECRET}"), "application/json", "had not: credential"),
        (stream("Use AKIAIOSF", "ODNN7EXAMPLQ", " now"), "text/event-stream", "had not: credential"),
        ([b"RIFF"], "audio/wav", "could not be searched"),
        ([b"data: {not json\n\n"], "text/event-stream", "could not be searched"),
        ([b" " * (LIMIT + 1)], "application/json", "too long"),
    ],
    ids=["card", "credential", "split", "audio", "broken", "long"],
)
def test_an_answer_is_withheld_when_it_was_not_judged(
    tmp_path: Path, answer: list[bytes], kind: str, said: str
) -> None:
    content = kept(tmp_path, INTENT, answer, kind)
    assert content is not None
    assert (content.answer, said in content.withheld) == (None, True), content


def test_an_answer_is_kept_when_the_request_had_the_same_classes(tmp_path: Path) -> None:
    content = kept(
        tmp_path, with_classes("payment"), stream("The card is 4111 1111", " 1111 1111"), "text/event-stream"
    )
    assert content is not None
    assert content.withheld == ""


def test_a_view_is_on_the_trail_before_it_is_told(tmp_path: Path) -> None:
    safe, log = Safe(SafeFiles(tmp_path)), Log()
    view = View(id="0" * 32, action="capture_read", subject=INTENT.id, actor="dpo", why="CASE-7", organisation=TOWN)
    safe.ask(view)
    with pytest.raises(GatewayError):
        asyncio.run(capturing(tmp_path, Full()).tell())
    assert not safe.told(view.id)
    asyncio.run(capturing(tmp_path, log).tell())
    assert safe.told(view.id)
    assert [entry.body["action"] for entry in log.entries] == ["capture_read"]


def test_settings_that_name_no_organisation_or_no_key_are_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("short", encoding="utf-8")
    stated = {"town": CaptureSettings(key=f"file:{tmp_path / 'key'}", days=1)}

    def of(settings: dict[str, CaptureSettings]) -> Capturing | None:
        return capturing_of(
            settings,
            [OrganisationId("town")],
            safe=Safe(SafeFiles(tmp_path)),
            store=Log(),
            clock=StandingClock(),
            detector=lambda _: FOUND,
            egress=EgressSettings(),
        )

    assert of({}) is None
    with pytest.raises(CaptureUnusable, match="is no key"):
        of(stated)
    with pytest.raises(SettingsError, match=r"capture\.village is no organisation"):
        of({"village": stated["town"]})


async def _nowhere(message: MutableMapping[str, Any]) -> None:
    raise AssertionError(message)
