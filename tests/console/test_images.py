"""Pictures of the pages for the documents, made anew whenever what they show has changed."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ecluse.domain.verdict import Mode
from ecluse.edge.amendments.office import Office, Who
from ecluse.edge.docket import Kind, Move, Step
from ecluse.edge.keys import Secrets
from ecluse.edge.stores.beside import docket_of, drafts_of
from tests.console.browser import ROOT, inputs, reading
from tests.console.running import Console, running
from tests.console.world import DAY, ground, with_budgets

IMAGES = ROOT / "docs" / "images"
MADE_FROM = IMAGES / "made-from.txt"
GROUNDS = (
    "Le marché avec l'hébergeur certifié est en cours de régularisation.",
    "Essai de six semaines avec des courriers inventés.",
    "Le contrat a été signé avant l'échéance.",
)
MOVES = (None, Move.GRANTED, Move.REFUSED)
LARGEST = 300_000


def shoot(page: Page, name: str) -> None:
    page.wait_for_timeout(150)
    page.screenshot(path=IMAGES / f"{name}.png")


def test_the_pictures_are_those_of_the_pages(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    shown = {"start-fr", "flows-fr", "flows-en-dark", "decision-en", "playground-fr", "playground-en-dark"}
    shown |= {"phone-fr", "chat-fr", "rules-en", "registry-fr", "exceptions-fr", "trail-en", "keys-fr", "usage-en-dark"}
    shown |= {"draft-fr"}
    present = {path.stem for path in IMAGES.glob("*.png")} if IMAGES.exists() else set()
    if not MADE_FROM.exists() or MADE_FROM.read_text(encoding="utf-8").strip() != inputs() or not shown <= present:
        IMAGES.mkdir(exist_ok=True)
        browser, month = request.getfixturevalue("browser"), request.getfixturevalue("month")
        make(browser, request.getfixturevalue("console"))
        make_chat(browser, request.getfixturevalue("chat"))
        make_running(browser, month, tmp_path / "state")
        make_draft(browser, month, tmp_path / "drafting")
        MADE_FROM.write_text(f"{inputs()}\n", encoding="utf-8")
    sizes = {path.stem: path.stat().st_size for path in IMAGES.glob("*.png")}
    assert shown <= sizes.keys()
    assert max(sizes.values()) < LARGEST, sizes


def without_paths(page: Page, console: Console) -> None:
    """Write where things are kept as the documents do."""
    page.evaluate(
        "(state) => { for (const code of document.querySelectorAll('code'))"
        " code.textContent = code.textContent.replaceAll(state, '.ecluse/state'); }",
        str(console.over.state),
    )


def make(browser: Browser, console: Console) -> None:
    for name, path, language, theme, height in (
        ("start-fr", "/", "fr", "light", 1000),
        ("flows-fr", "/flows?period=all", "fr", "light", 1130),
        ("flows-en-dark", "/flows?period=all", "en", "dark", 1130),
        ("registry-fr", "/registry", "fr", "light", 1050),
        ("rules-en", "/rules", "en", "light", 900),
        ("playground-fr", "/playground?example=letter", "fr", "light", 1500),
        ("playground-en-dark", "/playground?example=care", "en", "dark", 1500),
    ):
        with reading(browser, console, language=language, theme=theme, height=height) as page:
            page.goto(console.base + path)
            without_paths(page, console)
            shoot(page, name)
    with reading(browser, console, language="en", height=1150) as page:
        page.goto(f"{console.base}/decisions?way=masked")
        page.locator("tbody th a").first.click()
        page.locator("#verify").click()
        page.locator(".whole").wait_for()
        page.evaluate("scrollTo(0, 0)")
        shoot(page, "decision-en")
    with reading(browser, console, width=390, height=844) as page:
        page.goto(f"{console.base}/playground?example=letter")
        page.locator("#found").scroll_into_view_if_needed()
        page.evaluate("document.getElementById('result').scrollIntoView()")
        shoot(page, "phone-fr")


def make_chat(browser: Browser, chat: Console) -> None:
    """Show a refusal that helps, and what the next message would get."""
    with reading(browser, chat, height=1010, noisy=True) as page:
        page.goto(f"{chat.base}/chat")
        page.select_option("#application", "region-mail")
        page.fill("#message", "Note DIFFUSION RESTREINTE : le dispositif de la cellule de crise.")
        page.locator("#look.refused").wait_for()
        page.click("#send")
        page.locator(".refusal").wait_for()
        page.fill("#message", "Réponds à Mme Claire Martin, claire.martin@exemple.fr : son dossier est complet.")
        page.locator("#look.as_is").wait_for()
        shoot(page, "chat-fr")


def make_draft(browser: Browser, month: Path, state: Path) -> None:
    """Show a draft that waits for a second person, weighed and asked of the past month."""
    shutil.copytree(month, state)
    over = ground(state)
    office = Office(over.settings, over.base, over.clock.now())
    content = office.standing.with_mode("region", "gdpr.special_terms", Mode.ENFORCE)
    draft = office.write(content, "Le mois d'observation est fini.", Who(name="Claire Martin", role="dpo")).draft
    for seq, _ in (kept := drafts_of(state)).untold():
        kept.told(seq)
    with running(over) as console:
        console.settled(f"/drafts/{draft}")
        with reading(browser, console, height=1250) as page:
            page.goto(f"{console.base}/drafts/{draft}")
            expect(page.locator("[data-again]")).to_have_count(0, timeout=60_000)
            shoot(page, "draft-fr")


def make_running(browser: Browser, month: Path, state: Path) -> None:
    """Show the pages for who runs a gateway: matters in each state, keys, a trail that was verified, budgets."""
    shutil.copytree(month, state)
    over = ground(state, organisations=with_budgets(state))
    docket = docket_of(state, Secrets.open(state))
    rules = [rule.id for rule in over.rules().values() if not rule.permits and not rule.floor]
    for number, (rule, text) in enumerate(zip(rules, GROUNDS, strict=False)):
        asked = docket.ask(
            Step(
                kind=Kind.EXCEPTION, name="Claire Martin", role="metier", application="bank-mail", rule=rule,
                ground=text, starts=DAY, ends=date(2026, 12, 20),
                destinations=(next(iter(over.snapshot.destinations)),),
            ),
            over.clock.now(),
        )  # fmt: skip
        if move := MOVES[number]:
            docket.decide(asked.matter, Kind.EXCEPTION, move, name="Paul Durand", role="dpo", now=over.clock.now())
    for seq, _ in docket.untold():
        docket.told(seq)
    with running(over) as console:
        for application in ("bank-mail", "hospital-care", "region-mail"):
            console.ask("/keys", {"csrf": console.csrf(), "application": application})
        for name, path, language, theme, height in (
            ("exceptions-fr", "/exceptions", "fr", "light", 1050),
            ("trail-en", "/trail", "en", "light", 1050),
            ("keys-fr", "/keys", "fr", "light", 900),
            ("usage-en-dark", "/usage?by=destination", "en", "dark", 1250),
        ):
            console.settled(path)
            with reading(browser, console, language=language, theme=theme, height=height) as page:
                page.goto(console.base + path)
                if path == "/trail":
                    page.locator("#verify ~ form button").click()
                    page.locator(".note.good").wait_for()
                    page.evaluate("scrollTo(0, 0)")
                expect(page.locator("[data-again]")).to_have_count(0, timeout=20_000)
                without_paths(page, console)
                shoot(page, name)
