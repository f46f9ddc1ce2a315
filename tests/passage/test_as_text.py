"""Documents that leave as their text: what is searched, and what is told of each."""

import base64
import json
from dataclasses import replace
from functools import partial

from ecluse.domain.document import Opened
from ecluse.domain.effects import Emit, Recognise, Reply, Unfold
from ecluse.domain.request import Slot, SlotPath, Surface
from ecluse.passage.admit import DIALECTS
from ecluse.passage.keeping import Item, keeping
from tests.passage.play import Stage, arrival, snapshot

DATA = base64.b64encode(b"%PDF-1.4 a document of some length").decode()


def asked(*names: str) -> dict[str, object]:
    files = [
        {"type": "file", "file": {"filename": name, "file_data": f"data:application/pdf;base64,{DATA}"}}
        for name in names
    ]
    return {"model": "m", "messages": [{"role": "user", "content": [{"type": "text", "text": "Sum up"}, *files]}]}


def opened(*texts: str, why: str = "") -> Opened:
    """Return what files hold: a text each, or none and why."""
    told = [
        {
            "parts": [{"part": f"files/{n}/a"}] if text else [],
            "unread": [{"part": f"files/{n}", "why": why}] if why and not text else [],
            "labels": [],
        }
        for n, text in enumerate(texts)
    ]
    slots = tuple(Slot(path=SlotPath(f"files/{n}/a"), text=text) for n, text in enumerate(texts) if text)
    return Opened(slots=slots, unreadable=(), labelled=frozenset(), told=tuple(told))


def searched(stage: Stage) -> list[str]:
    return [slot.text for effect in stage.of(Recognise) for slot in effect.slots]


def test_a_document_without_text_is_told_of_and_not_opened_again_as_a_file() -> None:
    stage = Stage(snapshot(), opened=opened("The river rose.", "", why="too_many"))
    start = replace(arrival(snapshot(), asked("a.pdf", "b.pdf")), files_as_text=True)
    stage.play(start)
    [unfold], [recognise] = stage.of(Unfold), stage.of(Recognise)
    assert (unfold.of_call, len(unfold.files), recognise.files) == (True, 2, ())
    assert recognise.unreadable == ("messages/0/parts/2",)
    headers = dict(stage.of(Reply)[0].headers)
    assert headers["x-ecluse-files"] == (
        'messages/0/parts/1; read=as_text; classes="", messages/0/parts/2; read=not; classes=""; why="too_many"'
    )


def test_a_document_of_which_nobody_knows_anything_is_read_as_a_file() -> None:
    stage = Stage(snapshot(), opened=opened(""))
    stage.play(replace(arrival(snapshot(), asked("a.pdf")), files_as_text=True))
    assert [file.path for file in stage.of(Recognise)[0].files] == ["messages/0/parts/1"]


def test_no_reader_refuses_and_sends_nothing() -> None:
    stage = Stage(snapshot())
    stage.play(replace(arrival(snapshot(), asked("a.pdf")), files_as_text=True))
    assert (stage.of(Reply)[0].status, stage.of(Recognise)) == (503, [])


def test_the_bytes_of_a_document_in_a_line_are_read_and_not_searched_as_a_text_too() -> None:
    for as_text in (True, False):
        stage = Stage(snapshot(), opened=opened("The river rose."))
        line = Item(dialect=DIALECTS["openai_chat"], surface=Surface.CHAT, body=json.dumps(asked("a.pdf")).encode())
        start = replace(arrival(snapshot()), files_as_text=as_text)
        stage.play(start, partial(keeping, items=[line], texts=["calls.jsonl"]))
        beside = [slot.text for slot in stage.of(Recognise)[-1].slots]
        assert [reply.status for reply in stage.of(Reply)] == [200]
        assert stage.of(Emit)[-1].last
        assert "calls.jsonl" in beside
        assert not any(DATA in text for text in beside)
        assert any("The river rose." in text for text in searched(stage)) is as_text
