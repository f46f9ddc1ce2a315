"""What a collector hears of calls: where they went, how long and how much; never what was in them."""

import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import openai
import pytest

from ecluse.domain.finding import DataClass
from ecluse.domain.snapshot import Snapshot
from ecluse.domain.trail import Entry, EntryId, EntryKind, PassageId
from ecluse.domain.verdict import Permit, Refusal
from ecluse.edge.config import EgressSettings, SettingsError
from ecluse.edge.outward import Outward
from ecluse.edge.telemetry import HELD, Telemetry
from ecluse.edge.telemetry_settings import TelemetrySettings
from ecluse.edge.trace_context import Parent
from ecluse.passage.decide import decide
from simulators.faults import Fault, FaultKind
from tests.edge.collector import Collector, collector, plain
from tests.edge.gateway import AZURE, SCALEWAY, gateway, run
from tests.edge.test_snapshots import LOCAL, made
from tests.passage.decide.world import NOW, caller, question

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
CONTENT = "Écrivez à Camille Lefèvre, 06 39 98 41 27."


@cache
def shot() -> Snapshot:
    return made(destinations={"base_urls": LOCAL})


def wait(for_: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not for_() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert for_()


def test_calls_are_told_by_where_how_long_and_how_much_and_never_by_content(tmp_path: Path) -> None:
    with collector() as heard:
        extra = f"""
[telemetry]
endpoint = "{heard.url}/"
hosted_on = "own_premises"
sample_percent = 100
every_seconds = 0.1
authorization = "env:SIMULATOR_KEY_0"
"""
        with gateway(tmp_path, (SCALEWAY, AZURE), extra) as run_:
            key = run_.key("mail")
            with run_.client(key) as client:
                question: Any = [{"role": "user", "content": CONTENT}]
                run_.fleet.fault(SCALEWAY, Fault(kind=FaultKind.STATUS, status=500))
                answer = client.chat.completions.create(
                    model="auto", messages=question, extra_headers={"traceparent": PARENT, "tracestate": "vendor=1"}
                )
                with pytest.raises(openai.APIStatusError):
                    client.chat.completions.create(model="no-such-model", messages=question)
            wait(lambda: len(heard.spans) == 2 and len(heard.measures.get("gen_ai.client.token.usage", [])) == 2)
            first, second = sorted(heard.spans, key=lambda span: span.start_time_unix_nano)
            assert plain(first.attributes)["ecluse.destination"] == SCALEWAY
            assert plain(first.attributes)["error.type"] == "fallback"
            for span in (first, second):
                assert f"00-{span.trace_id.hex()}-{span.parent_span_id.hex()}-01" == PARENT
            asked = [line for name in (SCALEWAY, AZURE) for line in run_.fleet[name].lines("request")]
            assert len(asked) == str(asked).count("user-agent") == 2
            assert not any(word in str(asked) for word in ("traceparent", "tracestate", PARENT[3:35]))
            told = plain(second.attributes)
            assert answer.usage is not None
            assert told["gen_ai.usage.input_tokens"] == answer.usage.prompt_tokens
            assert told | {"gen_ai.operation.name": "chat", "ecluse.masked": True} == told
            assert told["ecluse.data_classes"] == ["personal"]
            assert second.end_time_unix_nano >= second.start_time_unix_nano >= first.start_time_unix_nano
            assert heard.authorizations == {run_.fleet[SCALEWAY].key}
        sent = b"".join(heard.raw)
        for word in ("Lefèvre", "Camille", "39 98", "mail", "region", key):
            assert word.encode() not in sent
        for points in heard.measures.values():
            assert {name for point in points for name in point} <= {
                "gen_ai.operation.name",
                "gen_ai.provider.name",
                "gen_ai.request.model",
                "gen_ai.token.type",
                "error.type",
            }


def entry(kind: EntryKind, passage: int, **body: Any) -> Entry:
    id_ = PassageId(f"{passage:032x}")
    told: dict[str, Any] = {
        "destination": SCALEWAY,
        "surface": "chat",
        "masked": False,
        "declared": (),
        "found": (),
    } | body
    return Entry(kind=kind, id=EntryId(f"{passage:032x}"), passage=id_, at="2026-11-24T10:00:00.000Z", body=told)


def telling(heard: Collector, play: Callable[[Telemetry], Any], *, sample_percent: float = 100) -> None:
    async def whole() -> None:
        outward = Outward(EgressSettings())
        try:
            await play(
                Telemetry(
                    TelemetrySettings(endpoint=heard.url, sample_percent=sample_percent),
                    outward=outward,
                    authorization=None,
                    snapshot=shot,
                )
            )
        finally:
            await outward.close()

    run(whole())


def test_what_a_collector_does_not_take_is_kept_within_a_bound_and_told_later(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def play(telemetry: Telemetry) -> None:
        heard.status = 503
        for number in range(HELD + 3):
            telemetry.intent(entry(EntryKind.INTENT, number))
            telemetry.outcome(entry(EntryKind.OUTCOME, number, status="done", code=None))
        await telemetry.send()
        await telemetry.send()
        assert not heard.spans
        heard.status = 200
        await telemetry.send()
        assert len(heard.spans) == HELD

    with collector() as heard:
        telling(heard, play)
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert "answers 503" in said[0]
    assert "3 calls were not told" in said[1]


def test_a_share_of_calls_is_told_and_every_call_is_measured() -> None:
    async def play(telemetry: Telemetry) -> None:
        telemetry.intent(entry(EntryKind.INTENT, 1))
        telemetry.outcome(entry(EntryKind.OUTCOME, 1, status="failed", code="upstream_timeout"))
        await telemetry.send()

    with collector() as heard:
        telling(heard, play, sample_percent=0)
    assert not heard.spans
    assert [p["error.type"] for p in heard.measures["gen_ai.client.operation.duration"]] == ["upstream_timeout"]


@pytest.mark.parametrize(
    ("sample_percent", "sampled", "spans"), [(1e-9, True, 1), (100, False, 0), (0, True, 0), (100, True, 1)]
)
def test_the_caller_s_mark_decides_whether_its_call_has_a_span_unless_none_has(
    sample_percent: float, *, sampled: bool, spans: int
) -> None:
    async def play(telemetry: Telemetry) -> None:
        telemetry.came(PassageId(f"{1:032x}"), Parent(trace=2**100, span=7, sampled=sampled))
        telemetry.intent(entry(EntryKind.INTENT, 1))
        telemetry.outcome(entry(EntryKind.OUTCOME, 1, status="done", code=None))
        await telemetry.send()

    with collector() as heard:
        telling(heard, play, sample_percent=sample_percent)
    assert [int.from_bytes(span.parent_span_id) for span in heard.spans] == [7] * spans


def test_passages_that_never_made_a_call_are_forgotten_within_a_bound() -> None:
    async def play(telemetry: Telemetry) -> None:
        for number in range(HELD + 1):
            telemetry.came(PassageId(f"{number:032x}"), Parent(trace=1, span=number + 1, sampled=True))
        for number in (0, 1):
            telemetry.intent(entry(EntryKind.INTENT, number))
            telemetry.outcome(entry(EntryKind.OUTCOME, number, status="done", code=None))
        await telemetry.send()

    with collector() as heard:
        telling(heard, play)
    assert [int.from_bytes(span.parent_span_id) for span in heard.spans] == [0, 2]


@pytest.mark.parametrize(
    "endpoint",
    ["http://collector.example:4318", "https://", "https://me:secret@collector.example", "ftp://127.0.0.1", "4318"],
)
def test_a_collector_that_is_not_safe_to_send_to_refuses(endpoint: str) -> None:
    with pytest.raises(SettingsError, match=r"telemetry\.endpoint"):
        Telemetry(TelemetrySettings(endpoint=endpoint), outward=None, authorization=None, snapshot=shot)  # type: ignore[arg-type] # not reached


@pytest.mark.parametrize(
    ("place", "kept"), [("own_premises", True), ("unknown", False), ("azure_public", True), (None, True)]
)
def test_the_place_of_the_collector_is_judged_by_the_rules(place: str | None, *, kept: bool) -> None:
    told = {} if place is None else {"telemetry": {"endpoint": "https://otel.example", "hosted_on": place}}
    judged = made(gateway={"hosted_on": "own_premises", "country": "FR"}, destinations={"base_urls": LOCAL}, **told)
    verdict = decide(judged, question(caller("company"), DataClass.PERSONAL), list(judged.destinations), now=NOW)
    assert isinstance(verdict, Permit) is kept
    assert kept or (isinstance(verdict, Refusal) and verdict.place == place)
