"""A file in a call is asked about with its bytes, and what is in it decides where the call may go: nothing masks it."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.document import Attachment, AttachmentFound
from ecluse.domain.effects import Dispatch, Recognise, Reply
from ecluse.domain.finding import MASKED_FORM, DataClass, Extent, FileSeen, Finding
from ecluse.domain.request import Request, SlotPath, Surface
from ecluse.domain.verdict import Choice, Question
from ecluse.passage.admit import DIALECTS
from ecluse.passage.attached import attachments, file_headers, files_read
from tests.passage.play import Finds, Rules, Stage, arrival, snapshot

DATA = base64.b64encode(b"%PDF-1.4 whatever").decode()
URL = f"data:application/pdf;base64,{DATA}"
PICTURE = f"data:image/png;base64,{DATA}"
PART = SlotPath("messages/0/parts/1")


def read(dialect: str, body: Mapping[str, Any], surface: Surface = Surface.CHAT) -> Request:
    return DIALECTS[dialect].admit(surface, json.dumps(body).encode())


def chat(*parts: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": [{"type": "text", "text": "Ada Lovelace"}, *parts]}]}


FILE = {"type": "file", "file": {"filename": "report.pdf", "file_data": URL}}
SOURCE = {"type": "base64", "media_type": "application/pdf", "data": DATA}
BODIES: Mapping[str, tuple[str, Mapping[str, Any], Surface]] = {
    "a file of a chat": ("openai_chat", chat(FILE), Surface.CHAT),
    "a picture of a chat": ("openai_chat", chat({"type": "image_url", "image_url": {"url": PICTURE}}), Surface.CHAT),
    "a file in the Responses format": (
        "openai_responses",
        {"model": "m", "input": [{"role": "user", "content": [{"type": "input_file", "file_data": URL}]}]},
        Surface.CHAT,
    ),
    "a picture in the Responses format": (
        "openai_responses",
        {"model": "m", "input": [{"role": "user", "content": [{"type": "input_image", "image_url": PICTURE}]}]},
        Surface.CHAT,
    ),
    "a document in Anthropic's format": (
        "anthropic_messages",
        {
            "model": "m",
            "max_tokens": 9,
            "messages": [{"role": "user", "content": [{"type": "document", "source": SOURCE}]}],
        },
        Surface.CHAT,
    ),
    "a document in a tool's result": (
        "anthropic_messages",
        {
            "model": "m",
            "max_tokens": 9,
            "messages": [
                {"role": "user", "content": "x"},
                {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {}}]},
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "tool_result",
                            "tool_use_id": "t",
                            "content": [{"type": "document", "source": SOURCE}],
                        }
                    ],
                },
            ],
        },
        Surface.CHAT,
    ),
    "a document to read": (
        "mistral_ocr",
        {"model": "m", "document": {"type": "document_url", "document_url": URL, "document_name": "Ada.pdf"}},
        Surface.OCR,
    ),
    "a picture to read": (
        "mistral_ocr",
        {"model": "m", "document": {"image_url": PICTURE, "type": "image_url"}},
        Surface.OCR,
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_every_dialect_hands_on_its_files_as_they_came(name: str) -> None:
    request = read(*BODIES[name][:2], BODIES[name][2])
    [file] = attachments(request)
    assert file.data == DATA
    assert file.media == ("image/png" if "picture" in name else "application/pdf")
    assert file.path in request.unreadable
    assert DATA not in repr(file)


def test_a_sound_is_no_file_that_could_be_read() -> None:
    sound = {"type": "input_audio", "input_audio": {"data": DATA, "format": "wav"}}
    request = read("openai_chat", chat(sound))
    assert attachments(request) == ()
    assert request.unreadable == (PART,)


# ------------------------------------------------------------------ what the walk makes of it
def found(*classes: DataClass, extent: Extent = Extent.WHOLE, fixed: bool = False) -> AttachmentFound:
    """What a reader tells of the file: a finding for each class, or the classes alone."""
    findings = tuple(
        Finding(
            slot=SlotPath(f"{PART}#0"), start=n, end=n + 1, kind="person", data_class=one, confidence=1.0,
            recogniser="test", evidence="the test says so",
        )
        for n, one in enumerate(classes)
    )  # fmt: skip
    seen = FileSeen(path=PART, read=extent, classes=frozenset(classes))
    return AttachmentFound(
        seen=seen, findings=() if fixed else findings, fixed=frozenset(classes) if fixed else frozenset()
    )


def masked_only(secret: frozenset[DataClass]) -> Rules:
    """Rules by which `a` takes nothing of these classes but masked, and `b` everything."""

    def permits(question: Question, choice: Choice) -> bool:
        if choice.destination == "b":
            return True
        left = question.classes - (question.covered if choice.masked else frozenset())
        return not left & secret

    return Rules(permits=permits)


FINDS = Finds(words={"Ada Lovelace": DataClass.PERSONAL})


def play(told: AttachmentFound, rules: Rules | None = None) -> Stage:
    stage = Stage(shot=snapshot(finds=FINDS, rules=rules or Rules()), reads=lambda _file: told)
    stage.play(arrival(stage.shot, {**chat(FILE), "stream": True}))
    return stage


def headers(stage: Stage) -> Mapping[str, str]:
    return dict(stage.reply_headers)


def test_a_file_that_was_read_is_not_unreadable_and_one_that_was_not_is() -> None:
    for extent, unreadable in ((Extent.WHOLE, False), (Extent.IN_PART, True), (Extent.NOT, True)):
        stage = play(found(extent=extent))
        intent = stage.of(Dispatch)[0].intent.body
        assert ("unreadable" in intent["found"]) is unreadable
        assert intent["files"] == {extent.value: 1}
        assert headers(stage)["x-ecluse-files"] == f'messages/0/parts/1; read={extent}; classes=""'


def test_the_file_is_asked_about_and_its_part_is_not_called_unreadable_before() -> None:
    [asked] = play(found()).of(Recognise)
    assert asked.files == (Attachment(path=PART, media="application/pdf", data=DATA),)
    assert asked.unreadable == ()


def test_masked_form_refuses_a_class_that_the_file_holds_too() -> None:
    """The text's name could be covered; the file's cannot, so no form of the call is masked for that class."""
    rules = masked_only(frozenset({DataClass.PERSONAL}))
    assert play(found(), rules).sent_to == ["a"]
    assert play(found(DataClass.PERSONAL), rules).sent_to == ["b"]
    assert play(found(DataClass.PERSONAL, fixed=True), rules).sent_to == ["b"]


CLASSES = st.sets(st.sampled_from(sorted(frozenset(DataClass) - frozenset(MASKED_FORM.values()))), max_size=4)


@given(inside=CLASSES, secret=CLASSES, fixed=st.booleans(), extent=st.sampled_from(Extent), named=st.booleans())
def test_no_destination_for_masked_data_ever_receives_a_file_with_the_class_in_it(
    inside: set[DataClass],
    secret: set[DataClass],
    fixed: bool,  # noqa: FBT001 - Hypothesis gives it
    extent: Extent,
    named: bool,  # noqa: FBT001 - the same
) -> None:
    finds = FINDS if named else Finds()
    stage = Stage(
        shot=snapshot(finds=finds, rules=masked_only(frozenset(secret))),
        reads=lambda _file: found(*sorted(inside), extent=extent, fixed=fixed),
    )
    stage.play(arrival(stage.shot, {**chat(FILE), "stream": True}))
    unread = {DataClass.UNREADABLE} if extent is not Extent.WHOLE else set()
    assert (stage.sent_to == ["a"]) is not bool((inside | unread) & secret)
    for sent in stage.of(Dispatch):
        assert DATA.encode() in sent.call.body
        assert {one.value for one in inside | unread} <= set(sent.intent.body["found"])


def test_a_refusal_names_what_the_file_holds_and_neither_its_name_nor_its_text() -> None:
    stage = play(found(DataClass.HEALTH), Rules(permits=lambda _q, _c: False))
    assert stage.status == 403
    assert headers(stage)["x-ecluse-files"] == 'messages/0/parts/1; read=whole; classes="health"'
    assert "Ada" not in str(stage.of(Reply))


def test_a_call_with_very_many_files_has_a_header_of_a_bounded_length() -> None:
    files = [FileSeen(path=SlotPath(f"messages/{n}/parts/0"), read=Extent.NOT) for n in range(500)]
    [(_, value)] = file_headers(files)
    assert len(value) < 1_000
    assert value.endswith("more; files=484")
    [(_, value)] = file_headers([FileSeen(path=PART, read=Extent.NOT, why=("too_long",))])
    assert value == 'messages/0/parts/1; read=not; classes=""; why="too_long"'
    assert files_read(files) == {"not": 500}
    assert file_headers(()) == []
