"""The trail over HTTP: tiles, entries, checkpoint, receipts; who may read what; and Go's own tools on the whole."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from ecluse.domain.caller import ApplicationId
from ecluse.passage.record import canonical
from ecluse.passage.record.merkle import leaf_hash
from ecluse.passage.record.tiles import bundle
from ecluse.prove.receipt import verify_receipt
from tests.edge.http.trail_site import KEY, site, store_in, write
from tests.passage.record import samples

ENTRIES = samples.passages(350)
SIZE = len(ENTRIES)
AUTH = {"authorization": "Bearer reader"}


@pytest.fixture(scope="module")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trail written in three goes, with the checkpoint that stood after each kept beside it."""
    folder = tmp_path_factory.mktemp("trail")

    async def note() -> str:
        store = store_in(folder)
        await store.start()
        found = store.checkpoint()
        await store.close()
        return found or ""

    for number, (start, stop) in enumerate(((0, 1), (1, 301), (301, SIZE))):
        write(folder, ENTRIES[start:stop])
        (folder / f"head-{number}").write_text(asyncio.run(note()), encoding="utf-8")
    return folder


@pytest.fixture
def http(trail: Path) -> Iterator[httpx2.Client]:
    with site(trail) as made, httpx2.Client(base_url=made.url, headers=AUTH, trust_env=False, timeout=20) as client:
        yield client


def test_tiles_and_bundles_are_the_entries_and_their_hashes(http: httpx2.Client) -> None:
    data = [canonical(entry) for entry in ENTRIES]
    leaves = [leaf_hash(one) for one in data]
    full, partial = SIZE // 256, SIZE % 256
    assert http.get("/tile/0/000").content == b"".join(leaves[:256])
    assert http.get(f"/tile/0/{full:03d}.p/{partial}").content == b"".join(leaves[full * 256 :])
    assert http.get("/tile/entries/001").content == bundle(data[256:512])
    assert http.get("/tile/entries/000.p/3").content == bundle(data[:3])
    assert len(http.get(f"/tile/1/000.p/{full}").content) == 32 * full
    told = http.get("/tile/0/000").headers
    assert (told["content-type"], told["cache-control"]) == (
        "application/octet-stream",
        "private, max-age=31536000, immutable",
    )
    assert http.get("/checkpoint").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/tile/0/003", f"/tile/0/002.p/{SIZE % 256 + 1}", "/tile/2/000.p/1", "/tile/entries/x001/000", "/tile/0/0"]
)
def test_a_tile_that_no_head_covers_is_not_there(http: httpx2.Client, path: str) -> None:
    assert (http.get(path).status_code, http.get(path).text) == (404, "not_found")


def test_without_a_readers_key_the_trail_refuses(trail: Path) -> None:
    with site(trail, readers=[ApplicationId("another")]) as made:
        for path in ("/checkpoint", "/tile/0/000", "/tile/entries/000"):
            assert httpx2.get(made.url + path, trust_env=False).status_code == 401
            answer = httpx2.get(made.url + path, headers=AUTH, trust_env=False)
            assert (answer.status_code, answer.text) == (403, "trail_reader_required")


def test_a_public_log_shows_hashes_to_all_and_entries_to_none_without_a_key(trail: Path) -> None:
    with site(trail, public=True) as made:
        assert httpx2.get(f"{made.url}/checkpoint", trust_env=False).status_code == 200
        tile = httpx2.get(f"{made.url}/tile/0/000", trust_env=False)
        assert (tile.status_code, tile.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
        assert httpx2.get(f"{made.url}/tile/entries/000", trust_env=False).status_code == 401


def test_a_receipt_goes_to_the_organisation_whose_entry_it_is(trail: Path) -> None:
    own, other = samples.intent(7), samples.admin(0)
    with site(trail, readers=()) as made:
        answer = httpx2.get(f"{made.url}/v1/receipts/{own.id}", headers=AUTH, trust_env=False)
        assert verify_receipt(answer.text, KEY).entry == own
        assert httpx2.get(f"{made.url}/v1/receipts/{own.id}", trust_env=False).status_code == 401
        for name in (other.id, samples.id_of(1, "nowhere"), "..", "x" * 32):
            assert httpx2.get(f"{made.url}/v1/receipts/{name}", headers=AUTH, trust_env=False).status_code == 404


GO = shutil.which("go")
MOD = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog")


@pytest.mark.skipif(GO is None or not MOD.is_dir(), reason="NO GO HERE: apt install golang-go golang-golang-x-mod-dev")
def test_the_tools_of_go_verify_the_whole_log(trail: Path, http: httpx2.Client, tmp_path: Path) -> None:
    receipt = tmp_path / "entry.tlog-proof"
    receipt.write_text(http.get(f"/v1/receipts/{samples.intent(150).id}").text, encoding="utf-8")
    built = tmp_path / "verify"
    offline = {**os.environ, "GO111MODULE": "off", "GOPATH": str(MOD.parents[5]), "GOCACHE": str(tmp_path / "cache")}
    offline |= {"GOFLAGS": "", "GOPROXY": "off"}
    source = Path(__file__).parents[2] / "go" / "verify.go"
    made = subprocess.run(
        [str(GO), "build", "-o", built, source], env=offline, capture_output=True, text=True, timeout=120, check=False
    )
    assert made.returncode == 0, made.stderr
    heads = [word for number in range(3) for word in ("-old", str(trail / f"head-{number}"))]

    def verify(*more: str, vkey: str = KEY.vkey) -> subprocess.CompletedProcess[str]:
        words = [str(built), "-key", "reader", *heads, "-receipt", str(receipt), *more, str(http.base_url), vkey]
        return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)

    told = verify()
    assert (told.returncode, told.stdout) == (0, f"{SIZE} entries, 3 older checkpoints, 1 receipts\n"), told.stderr
    receipt.write_text(receipt.read_text(encoding="utf-8").replace("index ", "index 1"), encoding="utf-8")
    assert verify().returncode == 1
