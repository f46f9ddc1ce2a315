"""Facts as one file that can be carried, kept and signed.

Law: a pack is the files of facts as they were written, with the day it was made; the same facts give the same bytes.
What is signed is a short text: format, day, hash.
"""

import base64
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Final, Literal

import msgspec

from ecluse.packs.errors import PackError

FORMAT: Final = "ecluse-facts/1"


class FactPack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One pack. `files` are TOML texts by name."""

    format: Literal["ecluse-facts/1"] = FORMAT
    made: date
    files: dict[str, str]


def pack(made: date, files: Mapping[str, str]) -> bytes:
    """Return a pack as bytes: JSON with its names in order."""
    return msgspec.json.format(msgspec.json.encode(FactPack(made=made, files=dict(files)), order="sorted"), indent=1)


def unpack(name: str, data: bytes) -> FactPack:
    """Read a pack. Raises PackError."""
    try:
        return msgspec.json.decode(data, type=FactPack)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PackError(name, "", f"is no pack of facts ({error}); `ecluse registry export` writes one") from error


def signed_text(name: str, data: bytes) -> str:
    """Return the text of a pack's signed note: format, day, hash. Raises PackError."""
    made = unpack(name, data).made
    return f"{FORMAT}\n{made.isoformat()}\n{base64.b64encode(sha256(data).digest()).decode()}\n"
