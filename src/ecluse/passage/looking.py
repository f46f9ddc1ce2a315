"""`/v1/classify`: what is recognised in a caller's texts and files, with the detector of the walk; nothing is kept.

Law: the answer says where and what, never the values, unless the caller asks for the text of its files. What cannot be
searched is a failure; what cannot be read of a file is `unreadable`.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from ecluse.domain.document import File, Opened
from ecluse.domain.effects import Emit, Failed, Findings, Recognise, Reply, Unfold, Unfolded
from ecluse.domain.errors import EcluseError, GatewayError
from ecluse.domain.finding import Classification
from ecluse.domain.request import Json, Slot, SlotPath
from ecluse.passage.admit.checks import array, mapping, text, wrong
from ecluse.passage.admit.strict_json import decode
from ecluse.passage.arrival import Arrival
from ecluse.passage.ledger import CallerGone, Ledger, Steps
from ecluse.passage.walk import reserve, say

TEXTS = 1_000
"""Most texts of one call."""
FILES = 20
"""Most files of one call."""
_FIELDS = ("text", "texts", "file", "files")
_TRUE = (True, "true")
"""As JSON says it, and as a form can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a caller has classified: texts or files. `shown` is whether the texts of the files are wanted back."""

    slots: tuple[Slot, ...] = field(default=(), repr=False)
    files: tuple[File, ...] = ()
    shown: bool = False


def looking(arrival: Arrival) -> Steps:
    """Answer what is recognised in `text`, in each of `texts`, in a `file` or in each of `files`."""
    ledger = Ledger(moment=arrival.moment, pinned=arrival.moment.snapshot, started=arrival.moment.now)
    try:
        try:
            yield from reserve(arrival, ledger)
            looked = asked(arrival.body)
            opened = None
            if looked.files:
                answer = yield from ledger.ask(Unfold(files=looked.files))
                if not isinstance(answer, Unfolded):
                    raise GatewayError(answer.code if isinstance(answer, Failed) else "classification_unavailable")
                opened = answer.opened
            slots, unreadable = (opened.slots, opened.unreadable) if opened else (looked.slots, ())
            recognise = Recognise(slots=slots, unreadable=unreadable, application=arrival.caller.application.id)
            answer = yield from ledger.ask(recognise)
            if not isinstance(answer, Findings):
                raise GatewayError("classification_unavailable")
            yield from ledger.ask(Reply(status=200, headers=[("content-type", "application/json")]))
            body = told(answer.classification) | (told_files(answer.classification, opened, looked) if opened else {})
            yield from ledger.ask(Emit(data=msgspec.json.encode(body), last=True))
        except EcluseError as error:
            yield from say(arrival, ledger, error, [])
    except CallerGone:
        return


def asked(body: bytes) -> Looked:
    """Read the texts or files of a body: each by itself, none is joined with another. Raises CallerError."""
    stated = mapping(decode(body), "body")
    if any(key not in (*_FIELDS, "with_text") and member is not None for key, member in stated.items()):
        raise wrong("body", "`text`, `texts`, `file` or `files`, with `with_text` or without, and no other field")
    if sum(name in stated for name in _FIELDS) != 1:
        raise wrong("body", "one of `text`, a string, `texts`, an array of strings, `file`, or `files`, an array")
    shown = stated.get("with_text", False)
    if shown not in (*_TRUE, False, "false"):
        raise wrong("with_text", "boolean")
    if "text" in stated:
        return Looked(slots=(Slot(path=SlotPath("text"), text=text(stated["text"], "text")),))
    if "texts" in stated:
        texts = array(stated["texts"], "texts")
        if len(texts) > TEXTS:
            raise wrong("texts", f"at most {TEXTS} texts")
        rows = (text(one, f"texts/{n}") for n, one in enumerate(texts))
        return Looked(slots=tuple(Slot(path=SlotPath(f"texts/{n}"), text=row) for n, row in enumerate(rows)))
    files = [stated["file"]] if "file" in stated else array(stated["files"], "files")
    if not 1 <= len(files) <= FILES:
        raise wrong("files", f"1..{FILES} files")
    return Looked(files=tuple(file_of(one, f"files/{n}") for n, one in enumerate(files)), shown=shown in _TRUE)


def file_of(value: Json, path: str) -> File:
    """Read a file, `data` in base64; a form's is written so by the edge. Raises CallerError."""
    stated: Mapping[str, Json] = mapping(value, path)
    if any(key not in ("filename", "content_type", "data") and member is not None for key, member in stated.items()):
        raise wrong(path, "`data`, `filename` and `content_type`, and no other field")
    try:
        data = base64.b64decode(text(stated.get("data"), f"{path}/data").encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise wrong(f"{path}/data", "base64") from None
    if not data:
        raise wrong(f"{path}/data", "a file that is not empty")
    return File(name=text(stated.get("filename", ""), f"{path}/filename"), data=data)


def told_files(found: Classification, opened: Opened, looked: Looked) -> dict[str, object]:
    """Write what is known of files beyond the findings; their texts where they are wanted."""
    files = [{"name": file.name, **one} for file, one in zip(looked.files, opened.told, strict=True)]
    classes = sorted(found.classes | opened.labelled)
    texts = {str(slot.path): slot.text for slot in opened.slots}
    return {"classes": classes, "files": files} | ({"texts": texts} if looked.shown else {})


def told(found: Classification) -> dict[str, object]:
    """Write a classification; places are in characters (code points) of the text named by `part`."""
    return {
        "classes": sorted(found.classes),
        "findings": [
            {
                "part": f.slot,
                "start": f.start,
                "end": f.end,
                "kind": f.kind,
                "data_class": f.data_class,
                "confidence": round(f.confidence, 3),
                "recogniser": f.recogniser,
                "evidence": f.evidence,
            }
            for f in found.findings
        ],
        "unreadable": list(found.unreadable),
        "detector": found.detector,
    }
