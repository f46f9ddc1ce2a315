"""Drafts of the rules in the console: written by one, weighed, approved by another, published, restored."""

import html
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from ecluse.edge.amendments.office import drafts_of
from tests.console.browser import reading, violations
from tests.console.running import Console, running
from tests.console.world import ground
from tests.docs.markdown import fences, page

OWN = fences(page("docs/how-to/change-a-rule.md"), "cedar")[0]
CLAIRE, PAUL = {"name": "Claire Martin", "role": "dpo"}, {"name": "Paul Durand", "role": "rssi"}
STRICTER = {"organisation": "region", "rule": "gdpr.special_terms", "mode": "enforce", "reason": "Le mois est fini"}


@pytest.fixture
def drafting(month: Path, tmp_path: Path) -> Iterator[Console]:
    state = tmp_path / "state"
    shutil.copytree(month, state)
    with running(ground(state)) as one:
        yield one


def write(console: Console, **more: str) -> str:
    status, headers, text = console.ask("/drafts", {"csrf": console.csrf()} | STRICTER | CLAIRE | more)
    assert status == 303, text
    return headers["location"].rpartition("/")[2]


def approve(console: Console, id_: str, **who: str) -> tuple[int, str]:
    content = re.findall(r'name="content" value="(\w+)"', console.get(f"/drafts/{id_}"))
    form = {"csrf": console.csrf(), "content": content[0] if content else ""} | who
    status, _, text = console.ask(f"/drafts/{id_}/approve", form)
    return status, html.unescape(text)


def state(console: Console) -> dict[str, str]:
    return {one.id: one.state for one in drafts_of(console.over.state).drafts()}


def test_a_change_is_written_weighed_approved_and_published(drafting: Console) -> None:
    id_ = write(drafting)
    shown = html.unescape(drafting.settled(f"/drafts/{id_}?lang=en"))
    assert "now refused" in shown
    assert "invariants hold" in shown
    assert "would be refused" in shown
    assert approve(drafting, id_, **CLAIRE)[1].count("another person approves it") == 1
    assert drafting.ask(f"/drafts/{id_}/publish", {"csrf": drafting.csrf()} | PAUL)[0] == 303
    assert "needs the approval of another person" in html.unescape(ended(drafting, id_))
    assert approve(drafting, id_, **PAUL)[0] == 303
    assert drafting.ask(f"/drafts/{id_}/publish", {"csrf": drafting.csrf()} | CLAIRE)[0] == 303
    ended(drafting, id_)
    assert state(drafting)[id_] == "published"
    kept = drafts_of(drafting.over.state)
    for seq, _ in kept.untold():
        kept.told(seq)
    listed = html.unescape(drafting.get("/drafts?lang=en"))
    assert "snapshot " in listed.split('id="history"')[1]
    modes = next(one.modes for one in drafting.over.base.settings.organisations if one.id == "region")
    assert modes["gdpr.special_terms"] == "enforce"


def ended(console: Console, id_: str) -> str:
    """Return the page of a draft once nothing of it is under way."""
    ends = time.monotonic() + 60
    while "data-again" in (text := console.ask(f"/drafts/{id_}?lang=en")[2]) and time.monotonic() < ends:
        time.sleep(0.2)
    return text


def test_what_does_not_load_is_refused_and_what_was_typed_stays(drafting: Console) -> None:
    form = {"csrf": drafting.csrf(), "pack": "house_rules", "holder": "region", "reason": "Conseil"} | CLAIRE
    wrong = OWN.replace("established", "estabished")
    status, _, text = drafting.ask("/drafts", form | {"text": wrong})
    assert (status, "did you mean `established`" in html.unescape(text)) == (400, True)
    assert "estabished" in text.split("<textarea")[1]
    assert drafting.ask("/drafts", form | {"text": OWN})[0] == 303
    assert drafting.ask("/drafts", STRICTER | CLAIRE)[0] == 403
    assert len(state(drafting)) == 1


def test_the_pages_of_drafts_have_no_violation_and_the_form_works_by_keyboard(
    browser: Browser, drafting: Console
) -> None:
    id_ = write(drafting)
    for language, theme, width in (("fr", "light", 1280), ("en", "dark", 390)):
        with reading(browser, drafting, language=language, theme=theme, width=width) as page:
            for path in ("/drafts", f"/drafts/{id_}"):
                page.goto(drafting.base + path)
                expect(page.locator("[data-again]")).to_have_count(0, timeout=60_000)
                for summary in page.locator("main details:not([open]) > summary").all():
                    summary.click()
                assert violations(page) == [], (path, language, theme)
                assert page.evaluate("document.documentElement.scrollWidth") <= width
    with reading(browser, drafting) as page:
        page.goto(f"{drafting.base}/drafts/{id_}")
        expect(page.locator("[data-again]")).to_have_count(0, timeout=60_000)
        page.locator("#name-approve").focus()
        page.keyboard.type(PAUL["name"])
        page.keyboard.press("Tab")
        page.keyboard.type(PAUL["role"])
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.locator("#publish").wait_for()
    assert state(drafting)[id_] == "approved"
