"""What Presidio's anonymizer does to a text: replace, redact, mask, hash, keep.

Law: an operator that we do not have refuses by its name; a result outside the text refuses. `encrypt` is refused: use
`ecluse mask`, whose vault is sealed. A hash is salted with chance unless the caller gives a salt, as Presidio's is: the
hash of a telephone number alone is no secret.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence

import msgspec

from ecluse.domain.errors import CallerError

OPERATORS = ("hash", "keep", "mask", "redact", "replace")


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A span, in code points, as `/analyze` gave it."""

    start: int
    end: int
    entity_type: str
    score: float = 0.0


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """What to do with an entity."""

    type: str = "replace"
    new_value: str | None = None
    masking_char: str = "*"
    chars_to_mask: int | None = None
    from_end: bool = False
    hash_type: str = "sha256"
    salt: str | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A text, its findings, and what to do with each entity."""

    text: str
    analyzer_results: list[Result]
    anonymizers: dict[str, Operator] = {}


def anonymize(asked: Asked) -> dict[str, object]:
    """Return the text without what was found, and what was done where. Raises CallerError."""
    salt = secrets.token_hex(16)
    out: list[str] = []
    items: list[dict[str, object]] = []
    at = length = 0
    for result in _settled(asked.analyzer_results, len(asked.text)):
        operator = asked.anonymizers.get(result.entity_type) or asked.anonymizers.get("DEFAULT") or Operator()
        before = asked.text[at : result.start]
        put = _put(operator, asked.text[result.start : result.end], result.entity_type, salt)
        out += [before, put]
        length += len(before)
        items.append(
            {
                "start": length,
                "end": length + len(put),
                "entity_type": result.entity_type,
                "text": put,
                "operator": operator.type,
                "score": result.score,
            }
        )
        length += len(put)
        at = result.end
    out.append(asked.text[at:])
    return {"text": "".join(out), "items": items[::-1]}


def _settled(results: Sequence[Result], size: int) -> list[Result]:
    """Return spans that do not overlap, in reading order; what the surer one leaves of another stays covered."""
    for result in results:
        if not 0 <= result.start < result.end <= size:
            raise CallerError("invalid_request", "analyzer_results: a span lies outside the text")
    settled: list[Result] = []
    for result in sorted(results, key=lambda r: (r.start, -r.score, -r.end)):
        if settled and result.start < settled[-1].end:
            last = settled[-1]
            if result.end > last.end:
                settled.append(msgspec.structs.replace(result, start=last.end))
            continue
        settled.append(result)
    return settled


def _put(operator: Operator, value: str, entity: str, salt: str) -> str:
    match operator.type:
        case "replace":
            return operator.new_value or f"<{entity}>"
        case "redact":
            return ""
        case "keep":
            return value
        case "mask":
            return _masked(operator, value)
        case "hash":
            return _hashed(operator, value, salt)
        case "encrypt":
            raise CallerError("invalid_request", "anonymizers: encrypt is not offered; `ecluse mask` seals a vault")
        case _:
            raise CallerError("invalid_request", f"anonymizers: type is one of {', '.join(OPERATORS)}")


def _masked(operator: Operator, value: str) -> str:
    if len(operator.masking_char) != 1:
        raise CallerError("invalid_request", "anonymizers: masking_char is one character")
    wanted = len(value) if operator.chars_to_mask is None else operator.chars_to_mask
    count = max(0, min(wanted, len(value)))
    covered = operator.masking_char * count
    return value[: len(value) - count] + covered if operator.from_end else covered + value[count:]


_HASHES: Mapping[str, str] = {"sha256": "sha256", "sha512": "sha512"}


def _hashed(operator: Operator, value: str, salt: str) -> str:
    name = _HASHES.get(operator.hash_type.lower())
    if name is None:
        raise CallerError("invalid_request", "anonymizers: hash_type is sha256 or sha512")
    salted = (operator.salt or salt).encode("utf-8", "replace") + value.encode("utf-8", "surrogatepass")
    return hashlib.new(name, salted).hexdigest()
