"""Files and batches over HTTP, in OpenAI's format: `/v1/files` and `/v1/batches`.

Law: nothing is kept that was not searched and permitted to the gateway's places, nor before the trail says that it is.
What is of another application does not exist.
"""

import asyncio
import base64
import secrets
from collections.abc import Mapping
from functools import partial
from urllib.parse import parse_qs

import msgspec

from ecluse.domain.caller import Caller
from ecluse.domain.effects import Headers
from ecluse.domain.errors import CallerError, GatewayError
from ecluse.domain.request import Surface
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import Scalar
from ecluse.edge.batches.described import kept_paths
from ecluse.edge.batches.lines import ENDPOINTS, Line, item, read
from ecluse.edge.batches.objects import Batch, Kept
from ecluse.edge.batches.table import KeptAway, KeptUnusable
from ecluse.edge.batches.working import Captured, Working
from ecluse.edge.config import LimitSettings
from ecluse.edge.http.asgi import Receive, Scope, Send, answer, headers_of, read_body
from ecluse.edge.http.forms import form_to_json, is_form
from ecluse.passage.admit.strict_json import decode
from ecluse.passage.keeping import Item, keeping
from ecluse.passage.question import NOT_ON_RECORD, Asked

FILES = "/v1/files"
BATCHES = "/v1/batches"
DAY = 24 * 3600 * 1000
TOKEN = "token_"  # noqa: S105 - how the id of a caller who came with a token begins
PAIRS = 16
"""Pairs of metadata, of 64 and 512 characters at most, as OpenAI has it."""


ENDED: Mapping[str, object] = {
    "code": "input_ended",
    "message": "The input file had ended before every line had begun; lines that are in no file were not sent.",
    "param": "input_file_id",
    "line": None,
}


class _Upload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    file: dict[str, str]
    purpose: str


class _Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    input_file_id: str
    endpoint: str
    completion_window: str
    metadata: dict[str, str] | None = None


class KeptRoutes:
    """The routes of files and batches."""

    def __init__(self, working: Working, limits: LimitSettings) -> None:
        self._working = working
        self._keeping = working.keeping
        self._limits = limits

    def takes(self, path: str) -> bool:
        """Say whether a path is one of these routes."""
        return path in (FILES, BATCHES) or path.startswith((f"{FILES}/", f"{BATCHES}/"))

    def paths(self) -> Mapping[str, dict[str, object]]:
        """Return them as the OpenAPI document has them."""
        return kept_paths()

    async def answer(self, scope: Scope, receive: Receive, send: Send, caller: Caller, asked: Asked) -> None:
        """Answer one request."""
        parts = scope["path"].split("/")[2:]
        try:
            if parts[0] == "files":
                await self._files(scope, receive, send, caller, asked, parts[1:])
            else:
                await self._batches(scope, receive, send, caller, asked, parts[1:])
        except KeptAway as error:
            raise GatewayError("trail_unavailable") from error  # the database that has both is away
        except KeptUnusable as error:
            raise GatewayError("internal_error", "what is kept cannot be read or written") from error

    # ------------------------------------------------------------------ files
    async def _files(
        self, scope: Scope, receive: Receive, send: Send, caller: Caller, asked: Asked, rest: list[str]
    ) -> None:
        application, now = caller.application, self._working.now()
        match scope["method"], rest:
            case "POST", []:
                await self._upload(headers_of(scope), await read_body(receive, self._limits), caller, asked, send)
            case "GET", []:
                files = await asyncio.to_thread(self._keeping.files, application, now)
                purpose = _query(scope).get("purpose")
                shown = [file_object(one) for one in files if purpose in (None, one.purpose)]
                await answer(send, 200, listed(shown, _query(scope)))
            case "GET", [id_]:
                kept = await asyncio.to_thread(self._keeping.file, application, id_, now)
                await answer(send, 200, msgspec.json.encode(file_object(kept)))
            case "GET", [id_, "content"]:
                kept = await asyncio.to_thread(self._keeping.file, application, id_, now)
                data = await asyncio.to_thread(self._keeping.content, kept, now)
                told: Headers = [("content-type", "application/jsonl"), ("cache-control", "private, no-store")]
                await answer(send, 200, data, told)
            case "DELETE", [id_]:
                kept = await asyncio.to_thread(self._keeping.file, application, id_, now)
                await asyncio.to_thread(self._keeping.forget, kept)
                await self._working.record(
                    "file_forgotten", f"key:{caller.key}", kept.id, {"application": application.id}
                )
                await answer(send, 200, msgspec.json.encode({"id": kept.id, "object": "file", "deleted": True}))
            case _, ([] | [_] | [_, "content"]):
                raise CallerError("method_not_allowed")
            case _:
                raise CallerError("not_found")

    async def _upload(self, headers: Mapping[str, str], body: bytes, caller: Caller, asked: Asked, send: Send) -> None:
        name, data, lines, items = await asyncio.to_thread(self._read, headers, body)  # megabytes: off the event loop
        if not await self._judged(caller, asked, items, [name, *(line.custom_id for line in lines)], send):
            return
        now = self._working.now()
        kept = Kept(
            id=f"file-{secrets.token_hex(12)}",
            organisation=caller.application.organisation.id,
            application=caller.application.id,
            purpose="batch",
            size=len(data),
            lines=len(lines),
            made=now,
            ends=Instant(now + self._working.keep),
            name=name,
            sensitivity=asked.sensitivity,
        )
        await asyncio.to_thread(self._keeping.check, kept)
        facts: dict[str, Scalar] = {"application": kept.application, "lines": kept.lines, "batch": ""}
        await self._working.record("file_kept", f"key:{caller.key}", kept.id, facts)
        await asyncio.to_thread(self._keeping.put, kept, data)
        await answer(send, 200, msgspec.json.encode(file_object(kept)))

    def _read(self, headers: Mapping[str, str], body: bytes) -> tuple[str, bytes, list[Line], list[Item]]:
        """Read an upload whole: its name, its bytes, its lines and their calls. Raises CallerError."""
        name, data = _uploaded(headers, body)
        lines = read(data, self._working.lines)
        return name, data, lines, [item(line, self._working.post) for line in lines]

    async def _judged(self, caller: Caller, asked: Asked, items: list[Item], texts: list[str], send: Send) -> bool:
        """Ask whether the gateway's places may hold it; when not, say why and return False."""
        route = self._working.post(ENDPOINTS[0], {})
        if route is None:
            raise CallerError("not_found")
        passages, said = self._working.passages, Captured()
        arrival = passages.arrival(caller, route.dialect, Surface.CHAT, b"", asked)
        await passages.run(keeping(arrival, items, texts), arrival, said, trailed=False)
        if said.status == 200 and said.whole:  # noqa: PLR2004 - HTTP
            return True
        if not said.whole:
            raise GatewayError("internal_error")
        await answer(send, said.status, bytes(said.data), list(said.headers.items()))
        return False

    # ------------------------------------------------------------------ batches
    async def _batches(
        self, scope: Scope, receive: Receive, send: Send, caller: Caller, asked: Asked, rest: list[str]
    ) -> None:
        application, now = caller.application, self._working.now()
        match scope["method"], rest:
            case "POST", []:
                await self._begin(await read_body(receive, self._limits), caller, asked, send)
            case "GET", []:
                batches = await asyncio.to_thread(self._keeping.batches, application, now)
                await answer(send, 200, listed([batch_object(one) for one in batches], _query(scope)))
            case "GET", [id_]:
                batch = await asyncio.to_thread(self._keeping.batch, application, id_, now)
                await answer(send, 200, msgspec.json.encode(batch_object(batch)))
            case "POST", [id_, "cancel"]:
                batch = await asyncio.to_thread(self._keeping.batch, application, id_, now)
                await asyncio.to_thread(self._keeping.cancel, batch, now)
                batch = await asyncio.to_thread(self._keeping.batch, application, id_, now)
                await answer(send, 200, msgspec.json.encode(batch_object(batch)))
            case _, ([] | [_] | [_, "cancel"]):
                raise CallerError("method_not_allowed")
            case _:
                raise CallerError("not_found")

    async def _begin(self, body: bytes, caller: Caller, asked: Asked, send: Send) -> None:
        wanted = _wanted(body)
        if (route := self._working.post(wanted.endpoint, {})) is not None and not caller.may(route.scope):
            raise CallerError("scope_required", route.scope)
        if caller.key.startswith(TOKEN):
            raise CallerError("invalid_request", "a batch needs an API key: a token ends before a batch does")
        application, now = caller.application, self._working.now()
        kept = await asyncio.to_thread(self._keeping.file, application, wanted.input_file_id, now)
        data = await asyncio.to_thread(self._keeping.content, kept, now)
        lines = await asyncio.to_thread(read, data, self._working.lines)
        if kept.purpose != "batch":
            raise CallerError("invalid_request", "input_file_id: a file with purpose `batch`")
        if other := next((n for n, line in enumerate(lines, 1) if line.url != wanted.endpoint), 0):
            raise CallerError("invalid_request", f"line {other} has another `url` than the batch's `endpoint`")
        _ = asked.raised  # a word that is no data class is refused now, not line by line
        texts = [text for pair in (wanted.metadata or {}).items() for text in pair]
        if asked.conversation is not None:
            texts.append(asked.conversation)
        if texts and not await self._judged(caller, asked, [], texts, send):
            return
        deadline = Instant(min(now + DAY, kept.ends))
        batch = Batch(
            id=f"batch_{secrets.token_hex(12)}",
            organisation=application.organisation.id,
            application=application.id,
            caller=caller.key,
            file=kept.id,
            endpoint=wanted.endpoint,
            state="in_progress",
            total=len(lines),
            made=now,
            deadline=deadline,
            ends=Instant(deadline + self._working.keep),
            completed=0,
            failed=0,
            metadata=wanted.metadata,
            asked={
                "purpose": _purpose(caller, asked),
                "conversation": asked.conversation,
                "sensitivity": asked.sensitivity,
                "language": asked.language,
            },
        )
        await self._working.record(
            "batch_begun", f"key:{caller.key}", batch.id, {"application": application.id, "lines": batch.total}
        )
        await asyncio.to_thread(partial(self._keeping.begin, batch))
        self._working.take(batch.id)
        await answer(send, 200, msgspec.json.encode(batch_object(batch)))


def _purpose(caller: Caller, asked: Asked) -> str | None:
    """Keep a purpose that is on record; of another only that it is none, so that the rules refuse it still."""
    return asked.purpose if asked.purpose in (None, *caller.application.purposes) else NOT_ON_RECORD


def _uploaded(headers: Mapping[str, str], body: bytes) -> tuple[str, bytes]:
    """Return the name and the bytes of what is uploaded. Raises CallerError."""
    if not is_form(headers.get("content-type", "")):
        raise CallerError("invalid_request", "a file comes as a multipart form with `purpose` and `file`")
    form = form_to_json(headers["content-type"], body)
    try:
        upload = msgspec.json.decode(form, type=_Upload)
        data = base64.b64decode(upload.file["data"])
    except (msgspec.DecodeError, KeyError):
        raise CallerError("invalid_request", "a form with `purpose` and `file`, and no other field") from None
    if upload.purpose != "batch":
        raise CallerError("invalid_request", "purpose: only `batch`; other files go inside their call, as a data: URL")
    return upload.file["filename"][:255], data


def _wanted(body: bytes) -> _Wanted:
    decode(body)  # strict
    try:
        wanted = msgspec.json.decode(body, type=_Wanted)
    except (msgspec.DecodeError, UnicodeDecodeError):
        words = "`input_file_id`, `endpoint`, `completion_window`, and `metadata` or nothing more"
        raise CallerError("invalid_request", words) from None
    if wanted.endpoint not in ENDPOINTS:
        raise CallerError("invalid_request", f"endpoint: one of {', '.join(ENDPOINTS)}")
    if wanted.completion_window != "24h":
        raise CallerError("invalid_request", "completion_window: `24h`")
    pairs = (wanted.metadata or {}).items()
    if len(pairs) > PAIRS or any(len(name) > 64 or len(value) > 512 for name, value in pairs):  # noqa: PLR2004 - as said above
        raise CallerError("invalid_request", f"metadata: {PAIRS} pairs, of 64 and 512 characters at most")
    return wanted


def file_object(kept: Kept) -> dict[str, object]:
    """Write a file as OpenAI does."""
    return {
        "id": kept.id,
        "object": "file",
        "bytes": kept.size,
        "created_at": kept.made // 1000,
        "expires_at": kept.ends // 1000,
        "filename": kept.name,
        "purpose": kept.purpose,
        "status": "processed",
    }


def batch_object(batch: Batch) -> dict[str, object]:
    """Write a batch as OpenAI does."""
    ended = None if batch.finished is None else batch.finished // 1000
    return {
        "id": batch.id,
        "object": "batch",
        "endpoint": batch.endpoint,
        "errors": {"object": "list", "data": [ENDED]} if batch.state == "failed" else None,
        "input_file_id": batch.file,
        "completion_window": "24h",
        "status": batch.state,
        "output_file_id": batch.output,
        "error_file_id": batch.errors,
        "created_at": batch.made // 1000,
        "in_progress_at": batch.made // 1000,
        "expires_at": batch.deadline // 1000,
        "cancelling_at": None if batch.cancelled is None else batch.cancelled // 1000,
        **{
            f"{state}_at": ended if batch.state == state else None
            for state in ("completed", "cancelled", "expired", "failed")
        },
        "request_counts": {"total": batch.total, "completed": batch.completed, "failed": batch.failed},
        "metadata": batch.metadata,
    }


def listed(objects: list[dict[str, object]], query: Mapping[str, str]) -> bytes:
    """Write a page of a list. Raises CallerError."""
    limit, after = query.get("limit", "100"), query.get("after")
    if not (limit.isascii() and limit.isdigit() and 1 <= len(limit) <= 5 and int(limit) >= 1):  # noqa: PLR2004 - digits
        raise CallerError("invalid_request", "limit: 1 to 99999")
    if query.get("order") == "asc":
        objects.reverse()
    ids = [str(one["id"]) for one in objects]
    if after is not None:
        if after not in ids:
            raise CallerError("not_found")
        objects = objects[ids.index(after) + 1 :]
    page = objects[: int(limit)]
    ends = {"first_id": page[0]["id"] if page else None, "last_id": page[-1]["id"] if page else None}
    return msgspec.json.encode({"object": "list", "data": page, "has_more": len(page) < len(objects), **ends})


def _query(scope: Scope) -> dict[str, str]:
    raw = scope.get("query_string", b"").decode("latin-1")
    return {name: values[-1] for name, values in parse_qs(raw, max_num_fields=None).items()}
