"""Entering the console by an identity provider, over sockets: who enters, what their roles open, who does not."""

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from ecluse.console.site import every_page
from ecluse.edge.docket import Docket, Kind, Step
from ecluse.edge.keys import Secrets
from ecluse.edge.roles import MAY, Act, Role
from ecluse.edge.stores.beside import docket_of, drafts_of
from tests.console.running import Console, running
from tests.console.world import DAY, ground
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


NEW = {
    Role.ADMIN: {"exceptions", "trail", "keys", "usage"},
    Role.DPO: {"exceptions", "trail", "usage"},
    Role.AUDITOR: {"trail", "usage"},
    Role.PLATFORM: {"trail", "usage"},
    Role.DEVELOPER: set[str](),
}
CLAIMS = {
    "ecluse-dev": Role.DEVELOPER,
    "ecluse-dpo": Role.DPO,
    "ecluse-admin": Role.ADMIN,
    "ecluse-platform": Role.PLATFORM,
    "ecluse-auditor": Role.AUDITOR,
}


@pytest.mark.parametrize(("claim", "role"), CLAIMS.items())
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
    opened = {
        name for name in ("exceptions", "trail", "keys", "usage") if console.ask(f"/{name}", cookie=cookie)[0] == 200
    }
    assert opened == NEW[role]
    assert console.ask("/no-such-page", cookie=cookie)[0] == (404 if role is Role.ADMIN else 403)


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


def _asked_for(console: Console, cookie: str, **typed: str) -> tuple[int, str]:
    rule = next(rule.id for rule in console.over.rules().values() if not rule.permits and not rule.floor)
    form = {
        "application": "bank-mail",
        "rule": rule,
        "starts": DAY.isoformat(),
        "ends": "2026-12-20",
        "ground": "Marché",
    }
    form |= {"destination": next(iter(console.over.snapshot.destinations)), "csrf": _mark(console, cookie)} | typed
    status, headers, _ = console.ask("/exceptions", form, cookie=cookie)
    return status, headers.get("location", "").partition("done=")[2].partition("#")[0]


def _mark(console: Console, cookie: str) -> str:
    return console.get("/", cookie=cookie).split('name="csrf" content="')[1].split('"')[0]


def _grant(console: Console, cookie: str, matter: str, **typed: str) -> tuple[int, str]:
    form = {"csrf": _mark(console, cookie)} | typed
    status, _, page = console.ask(f"/exceptions/{matter}/accept", form, cookie=cookie)
    return status, page


def test_who_asked_is_who_signed_in_and_cannot_grant_it_under_another_name_and_role(
    house: tuple[Console, Provider],
) -> None:
    console, _ = house
    _, dpo, _ = _enter(house, roles="ecluse-dpo", sub="person-1", name="Claire  Martin")
    status, matter = _asked_for(console, dpo, name="Somebody Else", role="rssi")
    assert status == 303
    page = console.get("/exceptions?lang=en", cookie=dpo)
    assert "Asked by Claire Martin (dpo)" in page
    assert "Somebody Else" not in page
    assert 'name="name"' not in page
    _, again, _ = _enter(house, roles="ecluse-admin", sub="person-1", name="C. Durand")
    status, page = _grant(console, again, matter, name="Paul Durand", role="rssi")
    assert (status, "another person in another role decides" in page) == (400, True)
    _, other, _ = _enter(house, roles=["ecluse-admin", "ecluse-dpo"], sub="person-2", name="Paul Durand")
    assert "<option>dpo</option>" in console.get("/exceptions", cookie=other)
    assert _grant(console, other, matter, role="dpo")[0] == 400
    assert _grant(console, other, matter, role="admin")[0] == 303
    (found,) = [one for one in _docket(console).matters() if one.asked.matter == matter]
    assert found.decided is not None
    assert (found.decided.name, found.decided.role) == ("Paul Durand", "admin")
    assert "person-" not in found.asked.person + found.decided.person
    assert found.asked.person != found.decided.person


DRAFT = {"organisation": "region", "rule": "gdpr.special_terms", "mode": "enforce", "reason": "Le mois est fini"}


def test_a_draft_is_approved_by_a_dpo_who_signed_in_and_wrote_no_part_of_it(house: tuple[Console, Provider]) -> None:
    console, _ = house

    def step(path: str, cookie: str, **form: str) -> tuple[int, str]:
        mark = console.get("/", cookie=cookie).split('name="csrf" content="')[1].split('"')[0]
        status, headers, _ = console.ask(path, {"csrf": mark} | form, cookie=cookie)
        return status, headers["location"] or ""

    _, writer, _ = _enter(house, roles=["ecluse-platform", "ecluse-dpo"], sub="p-1", name="Pia")
    status, where_ = step("/drafts", writer, role="platform", **DRAFT)
    assert status == 303
    content = re.findall(r'name="content" value="(\w+)"', console.get(where_, cookie=writer))[0]
    approval = {"content": content, "name": "Somebody else", "role": "dpo"}
    assert step(f"{where_}/approve", writer, **approval)[0] == 400, "the same person, in another role, refuses"
    for claim in ("ecluse-dev", "ecluse-auditor", "ecluse-platform"):
        _, cookie, _ = _enter(house, roles=claim, sub=claim, name=claim)
        assert step(f"{where_}/approve", cookie, **approval)[0] == 403, claim
    _, reader, _ = _enter(house, roles="ecluse-dpo", sub="p-2", name="Paul")
    assert step(f"{where_}/approve", reader, **approval)[0] == 303
    assert step(f"{where_}/publish", reader)[0] == 403, "a dpo does not publish"
    (kept,) = drafts_of(console.over.state).drafts()
    assert (kept.state, kept.written.role, kept.approved and kept.approved.name) == ("approved", "platform", "Paul")


def test_nobody_grants_a_contest_that_their_own_token_lodged_it_refuses(house: tuple[Console, Provider]) -> None:
    console, _ = house
    _, cookie, _ = _enter(house, roles="ecluse-dpo", sub="person-3")
    docket = _docket(console)
    _, mine = _asked_for(console, cookie)
    (known,) = [one.asked.person for one in docket.matters() if one.asked.matter == mine]
    asked = Step(
        kind=Kind.CONTEST, name=f"token:token_town_{known}", role="caller", application="bank-mail", ground="Non",
        marks=("a" * 64,),
    )  # fmt: skip
    matter = docket.ask(asked, console.over.clock.now()).matter
    assert _grant(console, cookie, matter, ends="2027-01-31")[0] == 400
    _, other, _ = _enter(house, roles="ecluse-dpo", sub="person-4")
    assert _grant(console, other, matter, ends="2027-01-31")[0] == 303


def test_with_the_printed_token_a_name_is_typed_and_the_page_says_so(house: tuple[Console, Provider]) -> None:
    console, _ = house
    assert _asked_for(console, console.cookie, name="Jean Petit", role="metier")[0] == 303
    page = console.get("/exceptions?lang=en")
    assert 'name="name"' in page
    assert "With the printed token the console compares what is written" in page


def _docket(console: Console) -> Docket:
    return docket_of(console.over.state, Secrets.open(console.over.state))


@pytest.mark.parametrize("claim", CLAIMS)
def test_the_first_page_links_to_nothing_that_a_role_cannot_open(house: tuple[Console, Provider], claim: str) -> None:
    console, _ = house
    _, cookie, _ = _enter(house, roles=claim)
    links = set(re.findall(r'href="(/[^"#?]*)', console.get("/", cookie=cookie)))
    assert len(links) > 3
    assert {link for link in links if console.ask(link, cookie=cookie)[0] != 200} == set()


LEAVES = re.compile(r'href="([^"]*/end[^"]*)"')


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Console, Provider]]:
    """A console whose settings name the issuer alone."""
    with provider() as made:
        over = ground(tmp_path_factory.mktemp("discovered") / "state", identity={"console": made.discovered()})
        made.now = lambda: over.clock.now() // 1000
        with running(over) as console:
            yield console, made


def test_addresses_are_asked_once_and_whoever_leaves_is_shown_the_way_out_of_the_provider(
    asked: tuple[Console, Provider],
) -> None:
    console, made = asked
    _, cookie, _ = _enter(asked)
    before = made.asked
    _, again, _ = _enter(asked)
    assert made.asked == before
    page = console.get("/", cookie=cookie)
    csrf = page.split('name="csrf" content="')[1].split('"')[0]
    status, headers, left = console.ask("/leave", {"csrf": csrf}, cookie=cookie)
    assert status == 200
    assert "ecluse_console=" in headers["set-cookie"]
    assert console.ask("/", cookie=cookie)[0] == 303
    assert console.ask("/", cookie=again)[0] == 200
    found = LEAVES.search(left)
    assert found is not None
    leads = urlsplit(html.unescape(found[1]))
    asks = parse_qs(leads.query)
    assert (f"{leads.scheme}://{leads.netloc}", leads.path, asks["of"]) == (made.issuer, "/end", ["us"])
    assert asks["client_id"] == ["console"]
    assert asks["post_logout_redirect_uri"][0].endswith("/login")
    assert asks["id_token_hint"][0].count(".") == 2
    assert asks["id_token_hint"][0] not in page
