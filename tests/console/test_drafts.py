"""Drafts of the rules in the console: written by one, weighed, approved by another, published, restored."""

import html
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page

from ecluse.edge.stores.beside import drafts_of
from tests.console.browser import Readers, arrive
from tests.console.running import Console, running
from tests.console.world import ground
from tests.docs.markdown import fences, page

OWN = fences(page("docs/how-to/change-a-rule.md"), "cedar")[0]
CLAIRE, PAUL = {"name": "Claire Martin", "role": "dpo"}, {"name": "Paul Durand", "role": "rssi"}
STRICTER = {"organisation": "region", "rule": "gdpr.special_terms", "mode": "enforce", "reason": "Le mois est fini"}


@contextmanager
def over(month: Path, state: Path) -> Iterator[Console]:
    shutil.copytree(month, state)
    with running(ground(state)) as one:
        yield one


@pytest.fixture(scope="module")
def drafting(month: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """One console for all whose drafts change nothing that another test reads."""
    with over(month, tmp_path_factory.mktemp("drafting") / "state") as one:
        yield one


@pytest.fixture
def apart(month: Path, tmp_path: Path) -> Iterator[Console]:
    """A console of its own, for a test that leaves other rules in force behind it."""
    with over(month, tmp_path / "state") as one:
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


def test_a_change_is_written_weighed_approved_and_published(apart: Console) -> None:
    id_ = write(apart)
    shown = html.unescape(apart.settled(f"/drafts/{id_}?lang=en"))
    assert "now refused" in shown
    assert "invariants hold" in shown
    assert "would be refused" in shown
    assert approve(apart, id_, **CLAIRE)[1].count("another person approves it") == 1
    assert apart.ask(f"/drafts/{id_}/publish", {"csrf": apart.csrf()} | PAUL)[0] == 303
    assert "needs the approval of another person" in html.unescape(ended(apart, id_))
    assert approve(apart, id_, **PAUL)[0] == 303
    assert apart.ask(f"/drafts/{id_}/publish", {"csrf": apart.csrf()} | CLAIRE)[0] == 303
    ended(apart, id_)
    assert state(apart)[id_] == "published"
    kept = drafts_of(apart.over.state)
    for seq, _ in kept.untold():
        kept.told(seq)
    listed = html.unescape(apart.get("/drafts?lang=en"))
    assert "snapshot " in listed.split('id="history"')[1]
    modes = next(one.modes for one in apart.over.base.settings.organisations if one.id == "region")
    assert modes["gdpr.special_terms"] == "enforce"


def ended(console: Console, id_: str) -> str:
    """Return the page of a draft once nothing of it is under way."""
    ends = time.monotonic() + 60
    while "data-again" in (text := console.ask(f"/drafts/{id_}?lang=en")[2]) and time.monotonic() < ends:
        time.sleep(0.2)
    return text


def test_what_does_not_load_is_refused_and_what_was_typed_stays(drafting: Console) -> None:
    form = {"csrf": drafting.csrf(), "pack": "house_rules", "holder": "region", "reason": "Conseil"} | CLAIRE
    before, wrong = len(state(drafting)), OWN.replace("established", "estabished")
    status, _, text = drafting.ask("/drafts", form | {"text": wrong})
    assert (status, "did you mean `established`" in html.unescape(text)) == (400, True)
    assert "estabished" in text.split("<textarea")[1]
    status, headers, _ = drafting.ask("/drafts", form | {"text": OWN})
    assert status == 303
    shown = html.unescape(drafting.settled(f"{headers['location']}?lang=en"))
    assert "a new rule of house_rules" in shown.split("on other terms")[1].split("Proofs")[0]
    assert drafting.ask("/drafts", STRICTER | CLAIRE)[0] == 403
    same = {"mode": "settings", "reason": "Conseil"}
    told = drafting.ask("/drafts?lang=fr", {"csrf": drafting.csrf()} | STRICTER | CLAIRE | same)[2]
    assert "c'est ce qui est en vigueur : un brouillon change quelque chose" in html.unescape(told)
    assert len(state(drafting)) == before + 1


def test_the_pages_of_drafts_have_no_violation_and_the_form_works_by_keyboard(
    readers: Readers, drafting: Console
) -> None:
    id_ = write(drafting)

    def unfolded(page: Page) -> None:
        for summary in page.locator("main details:not([open]) > summary").all():
            summary.click()

    for path in ("/drafts", f"/drafts/{id_}"):
        drafting.settled(path)
        readers.look(drafting, path, before=unfolded)
    page = readers.page(drafting, "fr", "light")
    arrive(page, f"{drafting.base}/drafts/{id_}")
    page.locator("#name-approve").focus()
    page.keyboard.type(PAUL["name"])
    page.keyboard.press("Tab")
    page.keyboard.type(PAUL["role"])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#publish").wait_for()
    assert state(drafting)[id_] == "approved"
