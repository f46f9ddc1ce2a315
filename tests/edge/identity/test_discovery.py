"""What a provider says of itself: believed of the issuer of the settings alone, for an hour."""

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from ecluse.domain.snapshot import Instant
from ecluse.edge.config import EgressSettings, SettingsError
from ecluse.edge.identity.discovery import COUNTS, PATH, REST, Discovery
from ecluse.edge.identity.signing_in import NotEntered, SigningIn
from ecluse.edge.identity_settings import ConsoleSignIn
from ecluse.edge.outward import Answered, Outward
from tests.edge.identity.provider import Provider, provider


class Standing:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 1_000

    def now(self) -> Instant:
        return Instant(self.at)


@pytest.fixture
def made() -> Iterator[Provider]:
    with provider() as one:
        yield one


def stated(settings: dict[str, Any]) -> ConsoleSignIn:
    return msgspec.convert(settings, ConsoleSignIn)


def signing_in(settings: dict[str, Any], clock: Standing | None = None) -> SigningIn:
    return SigningIn(stated(settings), EgressSettings(), clock or Standing(), "http://127.0.0.1:9/login/back")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"issuer": "http://127.0.0.1:1"}, "another than identity.console.issuer"),
        ({"token_endpoint": "http://login.example.fr/token"}, "not https"),
        ({"end_session_endpoint": "javascript:alert(1)"}, "not https"),
        ({"jwks_uri": None}, "does not say where"),
        ({"code_challenge_methods_supported": ["plain"]}, "PKCE"),
    ],
)
def test_a_provider_that_says_what_cannot_count_refuses_entry(made: Provider, said: dict[str, Any], why: str) -> None:
    made.said = said
    with pytest.raises(NotEntered, match=why):
        asyncio.run(signing_in(made.discovered()).begin("/"))


def test_a_provider_that_is_away_refuses_entry(made: Provider) -> None:
    settings = made.discovered() | {"issuer": "http://127.0.0.1:1"}
    with pytest.raises(NotEntered, match="could not be asked"):
        asyncio.run(signing_in(settings).begin("/"))


def test_a_provider_that_did_not_say_it_is_left_alone_for_some_seconds_and_refuses_meanwhile(made: Provider) -> None:
    clock = Standing()
    one = signing_in(made.discovered(), clock)
    made.said = {"issuer": "http://127.0.0.1:1"}
    for _ in range(3):
        with pytest.raises(NotEntered, match="another than"):
            asyncio.run(one.begin("/"))
    assert made.asked == 1
    made.said = {}
    clock.at += REST
    asyncio.run(one.begin("/"))
    assert made.asked == 2


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"])
def test_a_provider_elsewhere_that_names_this_machine_refuses_entry(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    issuer = "https://login.example.fr"
    told = {"issuer": issuer} | {one: f"{issuer}/{one}" for one in ("authorization_endpoint", "token_endpoint")}
    told |= {"jwks_uri": f"{issuer}/keys", name: "http://127.0.0.1:8089/admin"}

    async def answered(_outward: Outward, url: str, _headers: object = ()) -> Answered:
        assert url == issuer + PATH
        return Answered(status=200, headers={}, body=msgspec.json.encode(told))

    monkeypatch.setattr(Outward, "get", answered)
    settings = {"issuer": issuer, "client_id": "console", "roles": {"a": "dpo"}}
    with pytest.raises(NotEntered, match="an address of this machine"):
        asyncio.run(signing_in(settings).begin("/"))


def test_what_was_read_counts_for_an_hour_and_then_refuses_a_provider_that_became_another(made: Provider) -> None:
    clock = Standing()
    one = signing_in(made.discovered(), clock)
    assert asyncio.run(one.begin("/"))[0].startswith(f"{made.issuer}/authorize?")
    made.said = {"issuer": "http://127.0.0.1:1"}
    clock.at += COUNTS - 1
    asyncio.run(one.begin("/"))
    assert made.asked == 1
    clock.at += 1
    with pytest.raises(NotEntered, match="another than"):
        asyncio.run(one.begin("/"))


def test_written_addresses_are_not_asked_and_leave_may_be_written_beside(made: Provider) -> None:
    one = signing_in(made.settings(leave="https://login.example.fr/end"))
    asyncio.run(one.begin("/"))
    assert made.asked == 0
    assert str(one.leaving("proof", "https://console.example.fr/login")).startswith(
        "https://login.example.fr/end?id_token_hint=proof&client_id=console&post_logout_redirect_uri=https%3A"
    )
    assert signing_in(made.settings()).leaving("proof", "/login") is None


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"authorize": None}, "write authorize too"),
        ({"leave": "http://login.example.fr/end"}, "identity.console.leave is an https"),
        ({"token": "http://login.example.fr/token"}, "identity.console.token is an https"),
    ],
)
def test_addresses_that_are_not_safe_or_not_all_there_are_refused_at_the_start(
    made: Provider, more: dict[str, Any], why: str
) -> None:
    with pytest.raises(SettingsError, match=why):
        Discovery(stated(made.settings() | more), EgressSettings(), Standing())


def test_an_issuer_that_is_not_https_is_refused_at_the_start(made: Provider) -> None:
    with pytest.raises(SettingsError, match=r"identity\.console\.issuer is an https"):
        Discovery(stated(made.discovered() | {"issuer": "http://login.example.fr"}), EgressSettings(), Standing())
