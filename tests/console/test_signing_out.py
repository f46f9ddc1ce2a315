"""A sign-out that the identity provider tells the console from behind, over sockets: what ends, and what does not."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from ecluse.edge.identity.signing_out import EVENT, SOONEST
from tests.console.running import Console, running
from tests.console.world import ground
from tests.edge.identity.provider import CLIENT, Provider, provider
from tests.edge.identity.signing import by_hand, rsa, token


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Console, Provider]]:
    with provider() as made:
        over = ground(tmp_path_factory.mktemp("signing-out") / "state", identity={"console": made.settings()})
        made.now = lambda: over.clock.now() // 1000
        with running(over) as console:
            yield console, made


def _enter(house: tuple[Console, Provider], sub: str, sid: str | None) -> str:
    """Return the cookie of somebody who signed in."""
    console, made = house
    made.claims = {"sub": sub, "sid": sid}
    _, headers, _ = console.ask("/login/provider", cookie="")
    mark = headers["set-cookie"].split(";")[0]
    _, headers, _ = console.ask(f"/login/back?{urlencode(made.consent(headers['location']))}", cookie=mark)
    found = [one for one in headers.get_all("set-cookie") or [] if one.startswith("ecluse_console=")]
    return found[0].split(";")[0]


def _told(house: tuple[Console, Provider], header: dict[str, Any] | None = None, **claims: Any) -> str:
    """Return a token that says that somebody signed out."""
    _, made = house
    said: dict[str, Any] = {
        "iss": made.issuer,
        "aud": CLIENT,
        "azp": None,
        "sub": None,
        "iat": made.now(),
        "exp": made.now() + 120,
    }
    said |= {"jti": f"out-{len(SEEN)}", "events": {EVENT: {}}} | claims
    SEEN.append(said)
    return token(header={"typ": "logout+jwt"} | (header or {}), **said).removeprefix("Bearer ")


SEEN: list[Any] = []


def _tell(console: Console, told: str) -> int:
    return console.ask("/login/ended", {"logout_token": told}, cookie="")[0]


def _inside(console: Console, cookie: str) -> bool:
    return console.ask("/rules", cookie=cookie)[0] == 200


def test_a_sign_out_of_a_person_ends_all_that_is_theirs_and_nothing_else(house: tuple[Console, Provider]) -> None:
    console, _ = house
    theirs = [_enter(house, "person-1", "s-1"), _enter(house, "person-1", None)]
    others = [_enter(house, "person-2", "s-2"), console.cookie]
    assert _tell(console, _told(house, sub="person-1")) == 200
    assert [_inside(console, one) for one in theirs] == [False, False]
    assert [_inside(console, one) for one in others] == [True, True]


def test_a_sign_out_of_one_session_leaves_the_persons_others(house: tuple[Console, Provider]) -> None:
    console, _ = house
    desk, phone, unnamed = (_enter(house, "person-3", sid) for sid in ("desk", "phone", None))
    assert _tell(console, _told(house, sid="desk")) == 200
    assert [_inside(console, one) for one in (desk, phone, unnamed)] == [False, True, True]
    assert _tell(console, _told(house, sub="person-3", sid="another")) == 200
    assert [_inside(console, one) for one in (phone, unnamed)] == [True, False]
    assert _tell(console, _told(house, sub="person-4", sid="phone")) == 200
    assert _inside(console, phone), "somebody else's sign-out ends nothing here"


BAD: dict[str, dict[str, Any]] = {
    "another audience": {"aud": "another"},
    "another issuer": {"iss": "http://127.0.0.1:1"},
    "another's key": {"key": rsa("stranger")},
    "an end that has passed": {"exp": 1_000_000_000},
    "a beginning that is to come": {"iat": 4_000_000_000},
    "no end": {"exp": None},
    "no beginning": {"iat": None},
    "no name of its own": {"jti": None},
    "nobody": {"sub": None},
    "an empty name": {"sub": ""},
    "no event": {"events": None},
    "another event": {"events": {"http://schemas.openid.net/event/other": {}}},
    "an event that is no object": {"events": {EVENT: True}},
    "a nonce, as a token to enter with has": {"nonce": "n"},
    "a nonce that is null": {"nonce": ""},
    "the type of a token for calls": {"header": {"typ": "at+jwt"}},
    "a header that must be understood": {"header": {"crit": ["alg"]}},
}


@pytest.mark.parametrize("what", BAD)
def test_a_sign_out_that_does_not_count_refuses_and_ends_nothing(house: tuple[Console, Provider], what: str) -> None:
    console, _ = house
    cookie = _enter(house, "person-5", "s-5")
    assert _tell(console, _told(house, **({"sub": "person-5"} | BAD[what]))) == 400
    assert _inside(console, cookie)


@pytest.mark.parametrize("told", ["", "x", "a.b.c", by_hand("none").removeprefix("Bearer "), "eyJ" + "a" * 9000])
def test_what_is_no_token_refuses(house: tuple[Console, Provider], told: str) -> None:
    assert _tell(house[0], told) == 400


def test_a_sign_out_counts_once_and_a_second_time_refuses(house: tuple[Console, Provider]) -> None:
    console, _ = house
    told = _told(house, sub="person-6")
    assert [_tell(console, told), _tell(console, told)] == [200, 400]
    cookie = _enter(house, "person-6", None)
    assert _tell(console, told) == 400
    assert _inside(console, cookie)


def test_a_token_to_enter_with_ends_nothing_and_a_sign_out_lets_nobody_in(house: tuple[Console, Provider]) -> None:
    console, made = house
    _, headers, _ = console.ask("/login/provider", cookie="")
    address, mark = headers["location"], headers["set-cookie"].split(";")[0]
    made.claims = {"sub": "person-7", "header": {"typ": "logout+jwt"}, "events": {EVENT: {}}}
    status, _, _ = console.ask(f"/login/back?{urlencode(made.consent(address))}", cookie=mark)
    assert status == 403


def test_a_page_of_another_house_tells_no_sign_out(house: tuple[Console, Provider]) -> None:
    console, _ = house
    told = _told(house, sub="person-8")
    away = {"cookie": "", "origin": "https://evil.example"}
    assert console.ask("/login/ended", {"logout_token": told}, **away)[0] == 403


def test_where_nobody_signs_in_by_a_provider_nobody_signs_out_by_one(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running(ground(tmp_path_factory.mktemp("alone") / "state")) as console:
        assert _tell(console, "x") == 404


def test_the_providers_keys_are_asked_for_at_most_every_ten_seconds(house: tuple[Console, Provider]) -> None:
    console, made = house
    assert _tell(console, _told(house, sub="person-9")) == 200
    before = made.keys_asked
    for _ in range(5):
        assert _tell(console, _told(house, sub="person-9", key=rsa("stranger"))) == 400
    assert made.keys_asked - before <= 1
    assert SOONEST == 10_000
