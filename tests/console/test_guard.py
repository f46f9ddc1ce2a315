"""What stands before every page."""

import pytest

from ecluse.console.site import hosts
from ecluse.edge.config import ConsoleSettings, SettingsError
from tests.console.running import Console

PAGES = ("/", "/flows", "/decisions", "/playground", "/limits")


@pytest.mark.parametrize("path", PAGES)
def test_no_page_opens_without_a_session(console: Console, path: str) -> None:
    status, headers, text = console.ask(path, cookie="")
    assert (status, text) == (303, "")
    assert headers["location"] == f"/login?next={path}"


def test_a_change_without_the_sessions_mark_is_refused(console: Console) -> None:
    form = {"text": "Bonjour"}
    assert console.ask("/playground", form)[0] == 403
    assert console.ask("/playground", form | {"csrf": "wrong"})[0] == 403
    assert console.ask("/playground", form | {"csrf": console.csrf()})[0] == 200
    assert console.ask("/playground", form, x_csrf_token=console.csrf())[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
)
def test_a_change_from_another_site_is_refused(console: Console, headers: dict[str, str]) -> None:
    assert console.ask("/playground", {"csrf": console.csrf()}, **headers)[0] == 403


def test_another_host_name_is_refused(console: Console) -> None:
    assert console.ask("/login", host="rebound.example")[0] == 421


def test_a_form_that_is_too_large_is_refused(console: Console) -> None:
    assert console.ask("/playground", {"text": "a" * 3_000_000, "csrf": console.csrf()})[0] == 413


@pytest.mark.parametrize("path", [*PAGES, "/login", "/no-such-page"])
def test_each_page_says_what_a_browser_may_do(console: Console, path: str) -> None:
    _, headers, text = console.ask(path)
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert " style=" not in text
    assert "<style" not in text
    assert " onclick=" not in text
    assert "<script>" not in text


def test_the_sessions_cookie_is_out_of_reach_of_scripts_and_of_other_sites(console: Console) -> None:
    _, headers, _ = console.ask("/login", {"token": console.tokens[-1]}, cookie="")
    assert "HttpOnly" in headers["set-cookie"]
    assert "SameSite=lax" in headers["set-cookie"]


@pytest.mark.parametrize("after", ["https://elsewhere.example/", "//elsewhere.example", "/\\other.example", "/login"])
def test_the_entrance_leads_nowhere_else(console: Console, after: str) -> None:
    _, headers, _ = console.ask("/login", {"token": console.tokens[-1], "next": after}, cookie="")
    assert headers["location"] == "/"


def test_who_leaves_has_no_session(console: Console) -> None:
    kept = console.cookie
    console.enter()
    left = console.cookie
    status, _, _ = console.ask("/leave", {"csrf": console.csrf()})
    assert status == 303
    assert console.ask("/", cookie=left)[0] == 303
    console.cookie = kept


def test_an_origin_that_is_none_is_refused() -> None:
    assert "console.example.fr" in hosts(ConsoleSettings(origin="https://console.example.fr"), "127.0.0.1:8090")
    with pytest.raises(SettingsError, match="scheme and host alone"):
        hosts(ConsoleSettings(origin="console.example.fr/console"), "127.0.0.1:8090")
