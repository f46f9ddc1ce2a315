"""The main job of each page by keyboard alone: reached by Tab from its top, done by keys, and seen to be done."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.browser import Readers, arrive, reading
from tests.console.running import Console, running
from tests.console.world import ground

FURTHEST = 60


@pytest.fixture(scope="module")
def desk(month: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console of its own, in which things are done."""
    state = tmp_path_factory.mktemp("desk") / "state"
    shutil.copytree(month, state)
    with running(ground(state)) as one:
        one.settled("/flows")
        yield one


@pytest.fixture
def page(readers: Readers, desk: Console) -> Page:
    return readers.page(desk, "en", "light")


def begin(page: Page, desk: Console, path: str) -> None:
    """Arrive, and pass over the menu by the link that is there for it."""
    arrive(page, desk.base + path)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def reach(page: Page, wanted: str) -> None:
    """Press Tab until what is wanted has the focus, and the focus can be seen."""
    for _ in range(FURTHEST):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            outline = page.evaluate(
                "[document.activeElement, ...document.activeElement.querySelectorAll('path')].map(getComputedStyle)"
                ".some((one) => one.outlineStyle !== 'none' || one.stroke !== 'none')"
            )
            assert outline, wanted
            return
    raise AssertionError(f"{wanted} is not reached by Tab")


def test_a_first_request_is_copied(page: Page, desk: Console) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    begin(page, desk, "/")
    reach(page, "#curl")
    reach(page, ".copy button")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_text("Copied")


def test_a_band_of_the_flows_is_followed(page: Page, desk: Console) -> None:
    begin(page, desk, "/flows?period=all")
    reach(page, ".sankey a")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/decisions\?.*way="))


def test_a_decision_is_searched_opened_and_its_proof_verified(page: Page, desk: Console) -> None:
    begin(page, desk, "/decisions")
    reach(page, "#way")
    page.keyboard.type("masked")
    reach(page, "form button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("way=masked"))
    begin(page, desk, "/decisions?way=masked")
    reach(page, "tbody th a")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/decisions/"))
    reach(page, "#verify")
    page.keyboard.press("Enter")
    expect(page.locator(".whole")).to_have_text("The proof holds.")


def test_an_application_is_opened(page: Page, desk: Console) -> None:
    begin(page, desk, "/applications")
    reach(page, "#content a[href^='/applications/']")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/applications/."))


def test_an_exception_is_asked_for(page: Page, desk: Console) -> None:
    begin(page, desk, "/exceptions")
    reach(page, "details:has(#ground) summary")
    page.keyboard.press("Enter")
    reach(page, "[name=destination]")
    page.keyboard.press("Space")
    typed = {"#ground": "A trial", "#ends": "12202026", "#name-new": "Claire Martin", "#role-new": "owner"}
    for field, text in typed.items():
        reach(page, field)
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.locator(".note.good").wait_for()
    expect(page.locator(".ground")).to_contain_text("A trial")


def test_a_provider_is_unplugged(page: Page, desk: Console) -> None:
    begin(page, desk, "/drill")
    reach(page, "#without")
    page.keyboard.type("Mistral")
    page.wait_for_url(re.compile("without="))
    expect(page.locator("#gone")).to_be_visible(timeout=20_000)


def test_a_key_is_made(page: Page, desk: Console) -> None:
    begin(page, desk, "/keys")
    reach(page, "#application")
    reach(page, "#expires ~ button, form[action='/keys'] button")
    page.keyboard.press("Enter")
    expect(page.locator("#secret")).to_be_visible()


def test_usage_is_told_by_another_dimension(page: Page, desk: Console) -> None:
    begin(page, desk, "/usage")
    reach(page, "#by")
    page.keyboard.type("destination")
    page.wait_for_url(re.compile("by=destination"))
    expect(page.locator("#sums")).to_contain_text("destination", timeout=20_000)


def test_a_report_is_drafted(page: Page, desk: Console) -> None:
    begin(page, desk, "/reports")
    reach(page, "#report")
    reach(page, "form button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator("#written")).to_be_visible(timeout=20_000)


def test_a_supposition_is_asked_of_the_registry(page: Page, desk: Console) -> None:
    begin(page, desk, "/registry")
    reach(page, "input[name=if]")
    page.keyboard.press("Control+A")
    page.keyboard.type("microsoft converts 15 GEUR in mistral_ai at 20 GEUR post-money")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("if=microsoft"))
    expect(page.locator("#content")).to_contain_text("75%")


def test_a_change_of_a_rule_is_tried(page: Page, desk: Console) -> None:
    begin(page, desk, "/rules")
    reach(page, "a[href='/rules/draft']")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/rules/draft"))
    reach(page, "#rule")
    reach(page, "form button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("rule="))


def test_one_enters_and_leaves(browser: Browser, desk: Console) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{desk.base}/login")
    reach(page, "#token")
    page.keyboard.type(desk.tokens[-1])
    page.keyboard.press("Enter")
    page.wait_for_url(f"{desk.base}/")
    reach(page, "form[action='/leave'] button")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/login"))
    context.close()


def test_a_message_is_written_and_its_refusal_contested(browser: Browser, chat: Console) -> None:
    with reading(browser, chat, language="en", noisy=True) as page:
        begin(page, chat, "/chat")
        reach(page, "#message")
        page.keyboard.type("Le patient, M. Jean Petit, souffre d'un diabète de type 2.")
        page.locator("#look.refused").wait_for()
        reach(page, "#file")
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Control+Enter")
        page.locator(".refusal").wait_for()
        expect(page.locator("#message")).to_be_focused()
        for _ in range(6):
            page.keyboard.press("Shift+Tab")
            if page.evaluate("document.activeElement.textContent") == "Contest":
                break
        page.keyboard.press("Enter")
        expect(page.locator(".refusal .note")).to_be_visible()
