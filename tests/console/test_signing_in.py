"""Entering the console by an identity provider, over sockets: who enters, what their roles open, who does not."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from ecluse.console.site import every_page
from ecluse.edge.roles import MAY, Act, Role
from tests.console.conftest import Console, running
from tests.console.world import ground
from tests.edge.identity.provider import Provider, provider
from tests.edge.identity.signing import rsa


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Console, Provider]]:
    with provider() as made:
        state = tmp_path_factory.mktemp("signing-in") / "state"
        over = ground(state, identity={"console": made.settings()})
        made.now = lambda: over.clock.now() // 1000
        with running(over) as console:
            yield console, made


@pytest.fixture(autouse=True)
def _as_it_was(house: tuple[Console, Provider]) -> Iterator[None]:
    yield
    house[1].claims.clear()


def _begin(console: Console, after: str = "/rules") -> tuple[str, str]:
    """Return where the browser is sent, and its cookie."""
    status, headers, _ = console.ask(f"/login/provider?{urlencode({'next': after})}", cookie="")
    assert status == 303
    mark = headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Path=/login/back"} <= {part.strip() for part in mark.split(";")}
    return headers["location"], mark.split(";")[0]


def _enter(house: tuple[Console, Provider], **claims: Any) -> tuple[int, str, str]:
    """Sign in, and return the status, the session's cookie and where it leads."""
    console, made = house
    made.claims = claims
    address, mark = _begin(console)
    status, headers, _ = console.ask(f"/login/back?{urlencode(made.consent(address))}", cookie=mark)
    cookies = [value for value in headers.get_all("set-cookie") or [] if value.startswith("ecluse_console=")]
    assert all("HttpOnly" in value and "SameSite=lax" in value for value in cookies)
    return status, "".join(value.split(";")[0] for value in cookies), headers.get("location", "")


def test_the_entrance_offers_the_provider_and_the_token_still_opens(house: tuple[Console, Provider]) -> None:
    assert "/login/provider" in house[0].get("/login", cookie="")
    house[0].get("/", cookie=house[0].cookie)


def test_whoever_has_a_role_enters_and_goes_where_they_were_going(house: tuple[Console, Provider]) -> None:
    status, cookie, after = _enter(house, roles=["something", "ecluse-dpo"])
    assert (status, after) == (303, "/rules")
    assert house[0].ask("/reports", cookie=cookie)[0] == 200


@pytest.mark.parametrize(("claim", "role"), [("ecluse-dev", Role.DEVELOPER), ("ecluse-dpo", Role.DPO)])
def test_a_role_opens_what_the_table_says_and_refuses_the_rest(
    house: tuple[Console, Provider], claim: str, role: Role
) -> None:
    console, _ = house
    _, cookie, _ = _enter(house, roles=claim)
    menu = console.get("/", cookie=cookie).split("<main")[0]
    for page in every_page():
        if page.bare or page.needs_gate:
            continue
        opens = page.act in MAY[role]
        assert (console.ask(page.path, cookie=cookie)[0] == 200) is opens, page.name
        assert (f'href="{page.path}"' in menu) is (opens and bool(page.group)), page.name
    assert console.ask("/no-such-page", cookie=cookie)[0] == 403


def test_whoever_leaves_is_out(house: tuple[Console, Provider]) -> None:
    console, _ = house
    _, cookie, _ = _enter(house)
    mark = console.get("/", cookie=cookie).split('name="csrf" content="')[1].split('"')[0]
    assert console.ask("/leave", {"csrf": mark}, cookie=cookie)[0] == 303
    assert console.ask("/", cookie=cookie)[0] == 303


BAD: dict[str, dict[str, Any]] = {
    "no role": {"roles": None},
    "an unknown role": {"roles": ["admin", "Ecluse-DPO"]},
    "roles that are a table": {"roles": {"ecluse-dpo": True}},
    "another sign-in's nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "another audience": {"aud": "another"},
    "two audiences without a party": {"aud": ["console", "another"]},
    "another party": {"azp": "another"},
    "another issuer": {"iss": "http://127.0.0.1:1"},
    "an end that has passed": {"exp": 1_000_000_000},
    "another's key": {"key": rsa("stranger")},
}


@pytest.mark.parametrize("what", BAD)
def test_a_token_that_does_not_count_refuses_entry(house: tuple[Console, Provider], what: str) -> None:
    status, cookie, _ = _enter(house, **BAD[what])
    assert (status, cookie) == (403, "")


def test_a_sign_in_counts_once_and_a_second_time_refuses(house: tuple[Console, Provider]) -> None:
    console, made = house
    address, mark = _begin(console)
    back = f"/login/back?{urlencode(made.consent(address))}"
    assert console.ask(back, cookie=mark)[0] == 303
    made.consent(address)
    assert console.ask(back, cookie=mark)[0] == 403


def test_another_browser_refuses_and_the_code_is_not_redeemed(house: tuple[Console, Provider]) -> None:
    console, made = house
    address, _ = _begin(console)
    _, other = _begin(console)
    before = made.redeemed
    for mark in ("", other):
        address, _ = _begin(console)
        assert console.ask(f"/login/back?{urlencode(made.consent(address))}", cookie=mark)[0] == 403
    assert made.redeemed == before


@pytest.mark.parametrize(
    "changed", [{"state": "made-up"}, {"state": ""}, {"code": ""}, {"code": "unknown"}, {"iss": "http://127.0.0.1:1"}]
)
def test_an_answer_that_was_not_asked_for_refuses(house: tuple[Console, Provider], changed: dict[str, str]) -> None:
    console, made = house
    address, mark = _begin(console)
    back = made.consent(address) | changed
    assert console.ask(f"/login/back?{urlencode(back)}", cookie=mark)[0] == 403


@pytest.mark.parametrize("after", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_nobody_is_sent_elsewhere_afterwards(house: tuple[Console, Provider], after: str) -> None:
    console, made = house
    address, mark = _begin(console, after)
    _, headers, _ = console.ask(f"/login/back?{urlencode(made.consent(address))}", cookie=mark)
    assert headers["location"] == "/"


def test_a_page_that_states_no_act_is_for_administrators() -> None:
    stated = {page.name: page.act for page in every_page()}
    assert stated["decisions"] is Act.READ
    assert {name for name, act in stated.items() if act is not Act.ADMINISTER} >= {"start", "chat", "reports"}
