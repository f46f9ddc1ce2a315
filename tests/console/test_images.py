"""Pictures of the pages for the documents, made anew whenever what they show has changed."""

from playwright.sync_api import Browser, Page

from tests.console.browser import ROOT, inputs, reading
from tests.console.conftest import Console

IMAGES = ROOT / "docs" / "images"
MADE_FROM = IMAGES / "made-from.txt"
LARGEST = 260_000


def shoot(page: Page, name: str) -> None:
    page.wait_for_timeout(150)
    page.screenshot(path=IMAGES / f"{name}.png")


def test_the_pictures_are_those_of_the_pages(browser: Browser, console: Console, chat: Console) -> None:
    shown = {"start-fr", "flows-fr", "flows-en-dark", "decision-en", "playground-fr", "playground-en-dark"}
    shown |= {"phone-fr", "chat-fr", "rules-en", "registry-fr"}
    present = {path.stem for path in IMAGES.glob("*.png")} if IMAGES.exists() else set()
    if not MADE_FROM.exists() or MADE_FROM.read_text(encoding="utf-8").strip() != inputs() or not shown <= present:
        IMAGES.mkdir(exist_ok=True)
        make(browser, console)
        make_chat(browser, chat)
        MADE_FROM.write_text(f"{inputs()}\n", encoding="utf-8")
    sizes = {path.stem: path.stat().st_size for path in IMAGES.glob("*.png")}
    assert shown <= sizes.keys()
    assert max(sizes.values()) < LARGEST, sizes


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
            page.evaluate(
                "(state) => { for (const code of document.querySelectorAll('code'))"
                " code.textContent = code.textContent.replace(state, '.ecluse/state'); }",
                str(console.over.state),
            )
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
