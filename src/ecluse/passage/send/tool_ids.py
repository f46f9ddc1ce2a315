"""Tool call ids for a provider that takes only some shapes of them.

Law: one id of the conversation has one id on the wire, the same in every turn and in every replica, and no two share
one. An id that already has the shape stays, so that what the provider gave comes back to it unchanged.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping

from ecluse.domain.request import Message

_NINE = re.compile(r"[a-zA-Z0-9]{9}", re.ASCII)
"""What Mistral takes (its error 3280 says so)."""
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def nine_letters(messages: Iterable[Message], shape: re.Pattern[str] = _NINE) -> Mapping[str, str]:
    """Map every tool call id of a conversation that is not of `shape` to nine ASCII letters or digits."""
    said = dict.fromkeys(id_ for message in messages for id_ in _ids(message))
    mapped = {id_: id_ for id_ in said if shape.fullmatch(id_)}
    taken = set(mapped)
    for id_ in said:
        if id_ not in mapped:
            mapped[id_] = _free(id_, taken)
            taken.add(mapped[id_])
    return mapped


def _ids(message: Message) -> Iterable[str]:
    yield from (call.id for call in message.tool_calls)
    if message.tool_call_id is not None:
        yield message.tool_call_id


def _free(id_: str, taken: set[str]) -> str:
    turn = 0
    while True:
        number = int.from_bytes(hashlib.sha256(f"{turn}/{id_}".encode()).digest(), "big")
        letters = []
        for _ in range(9):
            number, rest = divmod(number, len(_LETTERS))
            letters.append(_LETTERS[rest])
        short = "".join(letters)
        if short not in taken:
            return short
        turn += 1
