"""A browser that is already on the machine, and the rules of accessibility that it is held to.

Law: what is not there is said out loud and skipped, never passed over.
"""

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.running import Console

ROOT = Path(__file__).parents[2]
AXE = "4.14.1"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4", "best-practice"]


def axe_script() -> str:
    """Return axe-core, fetched once by npm into .venv; skip out loud when npm cannot."""
    folder = ROOT / ".venv" / "axe"
    script = folder / f"axe-{AXE}.min.js"
    if script.exists():
        return script.read_text(encoding="utf-8")
    if shutil.which("npm") is None:
        pytest.skip("npm is not here, so axe-core cannot be fetched: accessibility is NOT checked")
    folder.mkdir(parents=True, exist_ok=True)
    made = subprocess.run(
        ["npm", "pack", "--silent", f"axe-core@{AXE}"], cwd=folder, capture_output=True, timeout=120, check=False
    )
    packed = folder / f"axe-core-{AXE}.tgz"
    if made.returncode or not packed.exists():
        pytest.skip("npm could not fetch axe-core: accessibility is NOT checked")
    shutil.unpack_archive(packed, folder / "unpacked", filter="data")
    shutil.copy(folder / "unpacked" / "package" / "axe.min.js", script)
    return script.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong on a page, contrast too."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe_script())
    found: dict[str, Any] = page.evaluate(
        "(tags) => axe.run(document,"
        " { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'], preload: false })",
        TAGS,
    )
    return [
        f"{one['id']}: {one['help']}: {node['target']} {node['failureSummary'][:300]}"
        for one in found["violations"]
        for node in one["nodes"][:3]
    ]


READERS = (("fr", "light"), ("en", "dark"))
"""Who looks at every page: both languages, both themes."""
WIDE = (1280, 860)
NARROW = ((640, 430), (360, 740))
"""A zoom of 200 % of a small screen, and a phone."""


class Readers:
    """Open pages that are kept from one look to the next, one for each language and theme."""

    def __init__(self, browser: Browser) -> None:
        """Begin with none."""
        self._browser = browser
        self._kept: dict[tuple[str, str, str], Page] = {}
        self._wrong: list[str] = []

    def page(self, console: Console, language: str, theme: str) -> Page:
        """Return the page of one reader of a console, as wide as a screen."""
        known = console.base, language, theme
        if known not in self._kept:
            page = self._kept[known] = opened(self._browser, console, language=language, theme=theme)
            listen(page, self._wrong)
        self._kept[known].set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
        return self._kept[known]

    def look(
        self, console: Console, path: str, *, before: Callable[[Page], None] = lambda _: None, missing: bool = False
    ) -> None:
        """Look at one page as each reader: its rules, its width on a phone and under a zoom, no error in its log.

        `before` does what is to be done there first; a page may be `missing`, and its log then says so.
        """
        for language, theme in READERS:
            page = self.page(console, language, theme)
            arrive(page, console.base + path)
            before(page)
            assert violations(page) == [], (path, language, theme)
            for width, height in NARROW:
                page.set_viewport_size({"width": width, "height": height})
                wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                assert wide <= 0, (path, language, width, wide)
            assert [one for one in self._wrong if not missing or "status of 404" not in one] == []
            self._wrong.clear()

    def close(self) -> None:
        """Close them."""
        for page in self._kept.values():
            page.context.close()


def arrive(page: Page, address: str) -> None:
    """Open a page, and wait for what is made beside it."""
    page.goto(address)
    expect(page.locator("[data-again]")).to_have_count(0, timeout=20_000)


def opened(browser: Browser, console: Console, *, language: str, theme: str, size: tuple[int, int] = WIDE) -> Page:
    """Open a page with a session, in a context of its own."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="de-DE", reduced_motion="reduce", timezone_id="UTC"
    )
    name, _, value = console.cookie.partition("=")
    cookies = {name: value, "lang": language, "theme": theme}
    context.add_cookies([{"name": n, "value": v, "url": console.base} for n, v in cookies.items()])  # type: ignore[typeddict-item, unused-ignore] # a mapping
    return context.new_page()


def listen(page: Page, wrong: list[str]) -> None:
    """Keep the errors of a page's log."""
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)


@contextmanager
def reading(
    browser: Browser,
    console: Console,
    *,
    language: str = "fr",
    theme: str = "light",
    width: int = 1280,
    height: int = 860,
    noisy: bool = False,
) -> Iterator[Page]:
    """Open a page with a session, in a language, a theme and a width; no error in its log, but refusals if `noisy`."""
    page = opened(browser, console, language=language, theme=theme, size=(width, height))
    wrong: list[str] = []
    listen(page, wrong)
    yield page
    page.context.close()
    assert ([one for one in wrong if "status of 403" not in one] if noisy else wrong) == []


def inputs() -> str:
    """Return a hash of everything that the pages' looks depend on."""
    digest = hashlib.sha256()
    source = ROOT / "src/ecluse/console"
    for path in sorted([*source.rglob("*"), ROOT / "tests/console/world.py", ROOT / "tests/console/test_images.py"]):
        if path.is_file() and path.suffix in {".html", ".css", ".js", ".toml", ".py", ".woff2", ".svg"}:
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
