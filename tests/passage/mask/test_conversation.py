"""One conversation, one key."""

from dataclasses import replace

import pytest

from ecluse.domain.caller import KeyId
from ecluse.domain.request import Request, Role, Surface
from ecluse.passage.mask import conversation_key
from tests.passage.mask.case import chat, message

SECRET = b"s" * 32
CALLER = KeyId("k1")


def conversation(*turns: tuple[Role, str]) -> Request:
    return Request(surface=Surface.CHAT, model="m", messages=tuple(message(text, role) for role, text in turns))


OPENING = ((Role.SYSTEM, "Be brief."), (Role.USER, "Who is Jean?"))


def test_every_turn_of_a_conversation_has_the_same_key() -> None:
    first = conversation(*OPENING)
    later = conversation(*OPENING, (Role.ASSISTANT, "A man."), (Role.USER, "And Marie?"))
    assert conversation_key(SECRET, CALLER, None, first) == conversation_key(SECRET, CALLER, None, later)
    assert len(conversation_key(SECRET, CALLER, None, first)) == 32


def test_what_opens_it_makes_it_another() -> None:
    requests = [
        conversation(*OPENING),
        conversation((Role.SYSTEM, "Be brief."), (Role.USER, "Who is Marie?")),
        conversation((Role.SYSTEM, "Be long."), (Role.USER, "Who is Jean?")),
        conversation((Role.USER, "Be brief."), (Role.USER, "Who is Jean?")),
        conversation((Role.USER, "Be brief.Who is Jean?")),
        conversation((Role.SYSTEM, "Be brief.Who is Jean?")),
        conversation(),
    ]
    assert len({conversation_key(SECRET, CALLER, None, request) for request in requests}) == len(requests)


def test_a_name_given_by_the_caller_counts_instead_of_what_opens_it() -> None:
    a, b = chat("a"), chat("b")
    assert conversation_key(SECRET, CALLER, "c1", a) == conversation_key(SECRET, CALLER, "c1", b)
    assert conversation_key(SECRET, CALLER, "c1", a) != conversation_key(SECRET, CALLER, "c2", a)
    assert conversation_key(SECRET, CALLER, "", a) != conversation_key(SECRET, CALLER, None, a)


def test_two_callers_and_two_organisations_never_share_a_key() -> None:
    request = chat("a")
    keys = {
        conversation_key(secret, KeyId(caller), name, request)
        for secret in (SECRET, b"t" * 32)
        for caller, name in (("k1", "c"), ("k", "1c"), ("k1c", ""), ("k1", None))
    }
    assert len(keys) == 8


def test_the_model_does_not_change_the_key() -> None:
    request = chat("a")
    other = replace(request, model="n", stream=True)
    assert conversation_key(SECRET, CALLER, None, request) == conversation_key(SECRET, CALLER, None, other)


def test_a_short_key_of_an_organisation_refuses() -> None:
    with pytest.raises(ValueError, match="short"):
        conversation_key(b"s" * 15, CALLER, None, chat("a"))
