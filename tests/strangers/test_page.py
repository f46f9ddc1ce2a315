"""The verifier's page, in Debian's chromium, opened from the disk: it agrees with ours and loads nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright
from typer.testing import CliRunner

from ecluse.cli import trail
from tests.strangers.material import KEY, OLD, export, head, receipt

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="NO CHROMIUM HERE: apt install chromium")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    file = tmp_path_factory.mktemp("page") / "verifier.html"
    assert CliRunner().invoke(trail.app, ["verifier", "--out", str(file)]).exit_code == 0
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        made = browser.new_context(locale="fr-FR", offline=True).new_page()
        made.goto(file.as_uri())
        yield made
        browser.close()


def told(page: Page, text: str, *, old: str = "", key: str = KEY) -> tuple[str, str]:
    page.fill("#key", key)
    page.fill("#old", old)
    page.evaluate("text => { document.getElementById('text').value = text }", text)
    page.click("#go")
    page.wait_for_selector("#told.good, #told.bad", timeout=20_000)
    answer = page.locator("#told").get_attribute("class") or "", page.locator("#told").inner_text()
    page.evaluate("() => { document.getElementById('told').className = '' }")
    return answer


def test_the_page_agrees_on_receipts_and_shows_the_entry(page: Page) -> None:
    for index in (0, 5, 41):
        kind, text = told(page, receipt(index))
        assert kind == "good", text
        assert text.startswith("La preuve est valable.")
        assert f"Entrée {index} d'un registre de 42 entrées." in text
        assert '"kind"' in text


def test_the_page_agrees_on_an_export_and_on_an_older_checkpoint(page: Page) -> None:
    kind, text = told(page, export(), old=OLD)
    assert (kind, "42 entrées" in text, "Les 7 premières" in text) == ("good", True, True)
    assert told(page, export(), old=head(7, forked=True))[0] == "bad"


@pytest.mark.parametrize(
    "changed",
    [
        receipt(5).replace("index 5", "index 6"),
        receipt(5).replace("c2sp.org/tlog-proof@v1\nextra e", "c2sp.org/tlog-proof@v1\nextra f"),
        receipt(5)[:-20] + "A" + receipt(5)[-19:],
        export().replace('"attempt":1', '"attempt":2', 1),
        "".join(export().splitlines(keepends=True)[1:]),
        "\n".join(export().split("\n")[:-3] + export().split("\n")[-2:]),
        "nothing of the kind",
        "",
    ],
    ids=["index", "entry", "signature", "edited", "first gone", "last gone", "text", "empty"],
)
def test_the_page_refuses_what_does_not_hold(page: Page, changed: str) -> None:
    kind, text = told(page, changed)
    assert (kind, text.split("\n")[0]) == ("bad", "La vérification a ÉCHOUÉ.")


def test_the_page_refuses_another_key(page: Page) -> None:
    assert told(page, receipt(1), key=KEY[:-6] + "AAAAA=")[0] == "bad"


def test_the_page_speaks_english_too(page: Page) -> None:
    page.click("#language")
    assert told(page, receipt(1))[1].startswith("The receipt holds.")
    page.click("#language")
    assert page.locator("h1").inner_text() == "Vérifier le registre d'Ecluse"


def test_a_browser_without_ed25519_is_told_so(page: Page) -> None:
    page.evaluate("() => { window.kept = crypto.subtle.importKey; crypto.subtle.importKey = async () => { throw 1 } }")
    try:
        kind, text = told(page, receipt(1))
        assert (kind, "Ed25519" in text, "verify_trail.py" in text) == ("bad", True, True)
    finally:
        page.evaluate("() => { crypto.subtle.importKey = window.kept }")


def test_the_page_names_no_other_address() -> None:
    text = CliRunner().invoke(trail.app, ["verifier"]).stdout
    assert "default-src 'none'" in text
    assert not any(word in text for word in ("http://", "https://", "src=", "fetch(", "XMLHttpRequest", "@import"))
