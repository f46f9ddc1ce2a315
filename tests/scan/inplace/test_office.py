"""A masked document opens in a real office suite, and says there what the masked document says."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecluse.api import detector
from ecluse.domain.event import Channel, Text
from ecluse.domain.masking import PLAIN_STYLE
from ecluse.domain.vault import Vault
from ecluse.passage.unmask import Restorer
from ecluse.scan.inplace.masking import Unmaskable, masked
from ecluse.scan.inplace.restoring import restored
from ecluse.scan.reading import Reader
from tests.scan.test_real import FOLDER, real

pytestmark = pytest.mark.long
SECONDS = 180
PACKAGES = ["libreoffice-writer-nogui", "libreoffice-calc-nogui", "libreoffice-impress-nogui", "poppler-utils"]
SHOWN: dict[str, str] = {
    "lettre.docx": "txt:Text (encoded):UTF8",
    "lettre.odt": "txt:Text (encoded):UTF8",
    "table.xlsx": "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true,false,false,false,-1",
    "table.ods": "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true,false,false,false,-1",
    "expose.pptx": "pdf",
    "expose.odp": "pdf",
}
"""Each document, and as what the suite is to write what it shows: UTF-8, all sheets."""


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as running:
        yield running


@pytest.fixture(scope="module")
def office() -> str:
    if shutil.which("soffice") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        words = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *PACKAGES]
        subprocess.run(words, capture_output=True, timeout=600, check=False)
    found = shutil.which("soffice")
    if found is None or shutil.which("pdftotext") is None:
        pytest.skip(
            "SKIPPED OUT LOUD: no LibreOffice or pdftotext here, so masked documents are opened in no real suite"
        )
    return found


def converted(office: str, name: str, data: bytes, form: str) -> Path:
    """Have the suite open a document and write it in another form; return the folder."""
    folder = Path(tempfile.mkdtemp(prefix="office-"))
    (folder / name).write_bytes(data)
    home = f"-env:UserInstallation=file://{folder}/home"
    words = [office, home, "--headless", "--norestore", "--convert-to", form, "--outdir", str(folder / "out"), name]
    subprocess.run(words, cwd=folder, capture_output=True, timeout=SECONDS, check=True)
    return folder


def shown(office: str, name: str, data: bytes) -> str:
    """Return what the suite shows of a document."""
    folder = converted(office, name, data, SHOWN[name])
    try:
        written = sorted((folder / "out").iterdir())
        assert written, f"the suite could not open {name}"
        if written[0].suffix != ".pdf":
            return "\n".join(path.read_text(encoding="utf-8-sig") for path in written)
        words = ["pdftotext", "-raw", str(written[0]), "-"]
        return subprocess.run(words, capture_output=True, timeout=SECONDS, check=True).stdout.decode()
    finally:
        shutil.rmtree(folder)


def document(office: str, name: str) -> bytes:
    if name != "expose.odp":
        return real(name)
    folder = converted(office, "expose.fodp", (FOLDER / "expose.fodp").read_bytes(), "odp")
    try:
        return (folder / "out" / name).read_bytes()
    finally:
        shutil.rmtree(folder)


def whole(text: str, vault: Vault) -> str:
    restorer = Restorer(vault)
    events = [*restorer.feed(Text(choice=0, channel=Channel.CONTENT, s=text)), *restorer.end()]
    return "".join(event.s for event in events if isinstance(event, Text))


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_a_masked_document_opens_in_an_office_suite_and_shows_surrogates(
    reader: Reader, office: str, name: str
) -> None:
    data = document(office, name)
    made = masked(name, data, reader, detector(), b"k" * 32, PLAIN_STYLE, Unmaskable.EMPTY)
    before, after = shown(office, name, data), shown(office, name, made.data)
    assert "Lefèvre" in before
    assert not any(value in after for value in ("Lefèvre", "Hélène", "FR76"))
    assert sum(surrogate in after for surrogate in made.vault.originals) >= 2
    assert whole(after, made.vault).split() == before.split()
    assert shown(office, name, restored(made.data, made.vault).data) == before
