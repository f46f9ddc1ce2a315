"""A form to one JSON object, so that what follows reads one strict format and no other (decision 6).

Law: a field stands once, or its name ends in `[]`; at most one file, as `{filename, content_type, data}` with `data` in
base64. A form that is not well formed refuses. A form without a file may come URL-encoded, as clients write one.
Reference: RFC 7578; the URL Standard, application/x-www-form-urlencoded.
"""

import base64
import logging
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from ecluse.domain.errors import CallerError

FIELDS = 64
"""Most parts of a form."""
HEADER = 4096
"""Most bytes of the headers of a part."""

_ENCODED = "application/x-www-form-urlencoded"
_SILENT = logging.Logger("forms", level=logging.CRITICAL)  # noqa: LOG001 - one that nobody can turn on
"""What the parser says of a form that it cannot read, it says with bytes of the form: no log has them."""


def is_form(content_type: str) -> bool:
    """Say whether a body is a form."""
    return content_type.strip().lower().startswith(("multipart/form-data", _ENCODED))


@dataclass(slots=True)
class _Part:
    headers: dict[str, str] = field(default_factory=dict)
    data: bytearray = field(default_factory=bytearray)


class _Reading:
    """The parts so far: what the parser calls back."""

    def __init__(self) -> None:
        self.parts: list[_Part] = []
        self.ended = False
        self._name = b""
        self._value = b""
        self._size = 0

    def begin(self) -> None:
        self.parts.append(_Part())
        self._size = 0
        if len(self.parts) > FIELDS:
            raise CallerError("invalid_request", f"a form has at most {FIELDS} fields")

    def name(self, data: bytes, start: int, end: int) -> None:
        self._name += self._bounded(data[start:end])

    def value(self, data: bytes, start: int, end: int) -> None:
        self._value += self._bounded(data[start:end])

    def header(self) -> None:
        # One character a byte, as `parse_options_header` wants them: names of files are read as UTF-8 after it.
        name, value = self._name.decode("latin-1").lower(), self._value.decode("latin-1")
        self._name = self._value = b""
        self.parts[-1].headers[name] = value

    def data(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].data += data[start:end]

    def end(self) -> None:
        self.ended = True

    def _bounded(self, piece: bytes) -> bytes:
        self._size += len(piece)
        if self._size > HEADER:
            raise CallerError("invalid_request", f"a field of a form has at most {HEADER} bytes of headers")
        return piece


def form_to_json(content_type: str, body: bytes) -> bytes:
    """Return the form as a JSON object. Raises CallerError."""
    if content_type.strip().lower().startswith(_ENCODED):
        return msgspec.json.encode(_named(_pairs(body)))
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    reading = _Reading()
    if not boundary:
        raise _bad("its boundary is missing")
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": reading.begin,
                "on_header_field": reading.name,
                "on_header_value": reading.value,
                "on_header_end": reading.header,
                "on_part_data": reading.data,
                "on_end": reading.end,
            },
        )
        parser.logger = _SILENT
        parser.write(body)
        parser.finalize()
    except FormParserError:
        raise _bad("it cannot be read") from None
    if not reading.ended:
        raise _bad("it is cut short")
    return msgspec.json.encode(_fields(reading.parts))


def _pairs(body: bytes) -> list[tuple[str, object]]:
    try:
        return list(parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS))
    except ValueError:
        raise _bad("it cannot be read") from None


def _fields(parts: list[_Part]) -> dict[str, object]:
    pairs: list[tuple[str, object]] = []
    for part in parts:
        _, options = parse_options_header(part.headers.get("content-disposition", ""))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        pairs.append((name, _file(part, options[b"filename"]) if b"filename" in options else _text(part)))
    return _named(pairs)


def _named(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields: dict[str, object] = {}
    for name, value in pairs:
        if not name:
            raise _bad("a field has no name")
        if name.endswith("[]"):
            listed = fields.setdefault(name.removesuffix("[]"), [])
            if not isinstance(listed, list):
                raise _bad("a field stands twice")
            listed.append(value)
        elif name in fields:
            raise _bad("a field stands twice")
        else:
            fields[name] = value
    return fields


def _file(part: _Part, filename: bytes) -> dict[str, str]:
    return {
        "filename": filename.decode("utf-8", "replace"),
        "content_type": part.headers.get("content-type", ""),
        "data": base64.b64encode(part.data).decode(),
    }


def _text(part: _Part) -> str:
    try:
        return part.data.decode()
    except UnicodeDecodeError:
        raise _bad("a field is not UTF-8") from None


def _bad(why: str) -> CallerError:
    return CallerError("invalid_request", f"the form is not well formed, {why}")
