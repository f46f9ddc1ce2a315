"""A browser that is already on the machine, and the rules of accessibility that it is held to.

Law: what is not there is said out loud and skipped, never passed over.
"""

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.console.conftest import Console

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
    page.evaluate(axe_script())
    found: dict[str, Any] = page.evaluate(
        "(tags) => axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] })", TAGS
    )
    return [
        f"{one['id']}: {one['help']}: {node['target']} {node['failureSummary'][:300]}"
        for one in found["violations"]
        for node in one["nodes"][:3]
    ]


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
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="de-DE", reduced_motion="reduce", timezone_id="UTC"
    )
    name, _, value = console.cookie.partition("=")
    cookies = {name: value, "lang": language, "theme": theme}
    context.add_cookies([{"name": n, "value": v, "url": console.base} for n, v in cookies.items()])  # type: ignore[typeddict-item, unused-ignore] # a mapping
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert ([one for one in wrong if "status of 403" not in one] if noisy else wrong) == []


def inputs() -> str:
    """Return a hash of everything that the pages' looks depend on."""
    digest = hashlib.sha256()
    source = ROOT / "src/ecluse/console"
    for path in sorted([*source.rglob("*"), ROOT / "tests/console/world.py", ROOT / "tests/console/test_images.py"]):
        if path.is_file() and path.suffix in {".html", ".css", ".js", ".toml", ".py", ".woff2", ".svg"}:
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
