"""The lines of a batch: what they ask (JSONL, as OpenAI's batch input), and what is answered in the same shape.

Law: a line is read strictly and whole, or the file is refused with its number; nothing of it is echoed.
"""

from collections.abc import Callable, Mapping

import msgspec

from ecluse.domain.errors import CallerError, EcluseError, GatewayError
from ecluse.edge.http.routes import Route
from ecluse.passage.admit.strict_json import decode
from ecluse.passage.keeping import Item

ENDPOINTS = ("/v1/chat/completions", "/v1/responses", "/v1/embeddings", "/v1/completions")
CUSTOM_ID = 512
"""Characters of a `custom_id`, at most."""
OK = 200
_ENDS = tuple((c.encode(), f"\\u{ord(c):04x}".encode()) for c in "\x85\u2028\u2029")
"""Ends of lines to `str.splitlines`, which clients read such files with; JSON has them bare, so they are escaped."""


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One call."""

    custom_id: str
    method: str
    url: str
    body: msgspec.Raw


def read(data: bytes, most: int) -> list[Line]:
    """Read a file. Raises CallerError with the number of the line that is wrong."""
    rows = data.removesuffix(b"\n").split(b"\n") if data.strip() else []
    if not 1 <= len(rows) <= most:
        raise CallerError("invalid_request", f"`file`: 1 to {most} lines of JSON, one call each")
    seen: set[str] = set()
    lines: list[Line] = []
    for number, row in enumerate(rows, 1):
        line = _line(row, number)
        if line.custom_id in seen:
            raise CallerError("invalid_request", f"line {number}: its `custom_id` stands twice in the file")
        seen.add(line.custom_id)
        lines.append(line)
    return lines


def _line(row: bytes, number: int) -> Line:
    try:
        decode(row)  # strict: a key that stands twice refuses
        line = msgspec.json.decode(row, type=Line)
    except EcluseError as error:
        error.detail = f"line {number}: {error.detail}" if error.detail else f"line {number}"
        raise
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise CallerError("invalid_request", f"line {number}: `custom_id`, `method`, `url`, `body`") from None
    if not 0 < len(line.custom_id) <= CUSTOM_ID:
        raise CallerError("invalid_request", f"line {number}: `custom_id` has 1 to {CUSTOM_ID} characters")
    if line.method != "POST" or line.url not in ENDPOINTS:
        raise CallerError("invalid_request", f"line {number}: `method` is POST and `url` one of {', '.join(ENDPOINTS)}")
    return line


def item(line: Line, post: Callable[[str, Mapping[str, str]], Route | None]) -> Item:
    """Return the call of a line."""
    route = post(line.url, {})
    if route is None:
        raise CallerError("not_found")
    return Item(dialect=route.dialect, surface=route.surface, body=bytes(line.body))


def answered(batch: str, number: int, line: Line, status: int, entry: str, body: bytes) -> bytes:
    """Write what became of a line that was asked. Raises GatewayError for a body that is no JSON."""
    try:
        told: object = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise GatewayError("internal_error") from None
    error = None if status == OK else _error(told)
    response = {"status_code": status, "request_id": entry, "body": told}
    return _written(batch, number, line, response, error)


def unasked(batch: str, number: int, line: Line, error: EcluseError, language: str) -> bytes:
    """Write why a line was not asked, or not to its end."""
    return _written(batch, number, line, None, {"code": error.code, "message": error.sentence(language)})


def _error(told: object) -> dict[str, str]:
    stated = told.get("error") if isinstance(told, dict) else None
    words = stated if isinstance(stated, dict) else {}
    return {"code": str(words.get("code") or "internal_error"), "message": str(words.get("message") or "")}


def _written(batch: str, number: int, line: Line, response: object, error: object) -> bytes:
    row = {"id": f"batch_req_{batch.removeprefix('batch_')}_{number}", "custom_id": line.custom_id}
    told = msgspec.json.encode({**row, "response": response, "error": error})
    for raw, escaped in _ENDS:
        told = told.replace(raw, escaped)
    return told + b"\n"
