"""Names in the console: hidden by default, shown to whoever says why, once the trail has it."""

import re
from contextlib import closing

import pytest
from playwright.sync_api import Browser

from ecluse.domain.trail import Entry, EntryKind
from ecluse.edge.stores.lock import TrailLock
from ecluse.edge.stores.opening import open_reader
from ecluse.passage.record import parse
from tests.console.browser import reading, violations
from tests.console.running import Console
from tests.console.world import CLAIRE

READER = {"name": "Paul Durand", "role": "auditor", "why": "DOSSIER-7"}


def _entries(console: Console) -> list[Entry]:
    with closing(open_reader(console.over.state)) as trail:
        found = [parse(data) for _, data, _ in trail.rows(0, trail.size()) if b"names_shown" in data]
    return [one for one in found if one.kind is EntryKind.ADMIN]


def _ask(console: Console, page: str = "/exceptions", **changed: str) -> tuple[int, str]:
    status, _, text = console.ask("/names", {"csrf": console.csrf(), "page": page} | READER | changed)
    return status, text


def test_a_name_is_hidden_until_the_trail_says_who_reads_it_and_why(docketed: Console) -> None:
    page = docketed.get("/exceptions")
    assert CLAIRE not in page
    (hidden,) = set(re.findall(r"person_[0-9a-f]{12}", page))
    assert _ask(docketed)[0] == 303
    assert CLAIRE in docketed.get("/exceptions")
    (entry,) = _entries(docketed)
    assert (entry.body["actor"], entry.body["subject"]) == ("auditor", "/exceptions")
    facts = entry.body["facts"]
    assert isinstance(facts, dict)
    assert facts["why"] == "DOSSIER-7"
    assert facts["person"] != hidden
    listed = docketed.get("/names")
    assert "DOSSIER-7" in listed
    assert READER["name"] not in listed
    assert str(facts["person"]) in listed
    assert "names shown" in docketed.get("/trail")


def test_names_are_shown_on_one_page_to_one_session_for_a_while(
    docketed: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _ask(docketed, "/names")[0] == 303
    assert READER["name"] in docketed.get("/names")
    assert CLAIRE not in docketed.get("/exceptions")
    docketed.enter()
    assert READER["name"] not in docketed.get("/names")
    monkeypatch.setattr("ecluse.console.pages.names.WHILE", 0)
    assert _ask(docketed)[0] == 303
    assert CLAIRE not in docketed.get("/exceptions")


@pytest.mark.parametrize(
    "changed", [{"why": ""}, {"why": "because Claire left"}, {"name": ""}, {"role": "Madame la DPO"}]
)
def test_without_a_reason_and_a_reader_it_refuses_and_nothing_is_shown(
    untouched: Console, changed: dict[str, str]
) -> None:
    assert _ask(untouched, **changed)[0] == 400
    assert CLAIRE not in untouched.get("/exceptions")
    assert not _entries(untouched)


@pytest.mark.parametrize("page", ["", "//evil.example", "/applications/nobody", "/decisions", "https://evil.example"])
def test_a_page_without_names_refuses(untouched: Console, page: str) -> None:
    assert _ask(untouched, page)[0] == 404
    assert not _entries(untouched)


def test_a_trail_that_takes_nothing_refuses_and_nothing_is_shown(
    docketed: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecluse.edge.trail_writing.PATIENCE", 0.2)
    lock = TrailLock(docketed.over.state / "trail.db")
    try:
        status, page = _ask(docketed)
    finally:
        lock.release()
    assert (status, "did not put this on its trail" in page) == (400, True)
    assert CLAIRE not in docketed.get("/exceptions")


def test_the_page_has_no_violation(browser: Browser, docketed: Console) -> None:
    _ask(docketed)
    for language, theme, width in (("fr", "light", 1280), ("en", "dark", 390)):
        with reading(browser, docketed, language=language, theme=theme, width=width) as page:
            page.goto(f"{docketed.base}/names")
            page.locator("summary").last.click()
            assert violations(page) == [], (language, theme)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
