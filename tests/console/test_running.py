"""The pages for who runs a gateway: the trail, its keys, its budgets. What they show is what the commands show."""

import html
import json
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecluse.console.ground import Ground
from ecluse.domain.caller import ApplicationId, KeyId, KeyScope
from ecluse.edge.keys import Secrets
from ecluse.edge.keys import state as where
from ecluse.edge.stores.key_tables import table_of
from ecluse.edge.usage import By, UsageBook
from tests.console.browser import Readers, arrive
from tests.console.running import Console, running
from tests.console.world import ground, with_budgets


@pytest.fixture(scope="module")
def kept(month: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console over a month, with budgets and a team."""
    state = tmp_path_factory.mktemp("kept") / "state"
    shutil.copytree(month, state)
    with running(ground(state, organisations=with_budgets(state))) as one_:
        yield one_


def test_a_verification_computes_every_entry_and_says_what_it_means(kept: Console) -> None:
    assert kept.ask("/trail/verify", {"csrf": kept.csrf()})[0] == 303
    page = kept.settled("/trail?lang=en")
    trail = kept.over.trail()
    assert trail is not None
    assert "The trail holds." in page
    assert f"{trail.size():,} entries computed again" in page
    assert "not that what it says is true" in page


def test_a_trail_that_was_changed_does_not_hold_and_the_entry_is_named(month: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    shutil.copytree(month, state)
    with sqlite3.connect(where.trail(state)) as db:
        triggers = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")]
        for name in triggers:
            db.execute(f"DROP TRIGGER {name}")
        db.execute(
            "UPDATE entries SET entry = cast(replace(cast(entry AS TEXT), 'auto', 'AUTO') AS BLOB) WHERE idx = 7"
        )
    db.close()
    with running(ground(state)) as one:
        one.ask("/trail/verify", {"csrf": one.csrf()})
        until = time.monotonic() + 30
        while "data-again" in (page := one.ask("/trail?lang=en")[2]) and time.monotonic() < until:
            time.sleep(0.1)
    assert "does NOT hold" in page
    assert "The trail holds." not in page


def test_an_export_closes_with_its_head(kept: Console) -> None:
    lines = kept.get("/trail/export.jsonl").splitlines()
    trail = kept.over.trail()
    assert trail is not None
    assert len(lines) == trail.size() + 1
    assert "checkpoint" in json.loads(lines[-1])
    assert kept.get("/trail/checkpoint") == trail.last_note()


def test_a_key_is_shown_once_replaced_and_revoked(kept: Console) -> None:
    status, _, page = kept.ask("/keys", {"csrf": kept.csrf(), "application": "bank-mail", "expires": "2027-01-31"})
    assert status == 200
    (secret,) = re.findall(r'<pre id="secret"[^>]*><code>([^<]+)</code>', page)
    (id_,) = re.findall(r"<b>(key_\w+) is made", page)
    keys = table_of(kept.over.state, Secrets.open(kept.over.state))
    made = {key.id: (key.application, key.expires) for key in keys.list()}
    assert made[KeyId(id_)] == (ApplicationId("bank-mail"), "2027-01-31")
    assert secret not in kept.get("/keys")
    status, _, page = kept.ask(f"/keys/{id_}/rotate", {"csrf": kept.csrf()})
    assert 'id="secret"' in page
    assert kept.ask(f"/keys/{id_}/revoke", {"csrf": kept.csrf()})[0] == 303
    assert {key.id: key.revoked for key in keys.list() if key.id not in made or key.id == id_} == {
        KeyId(id_): True,
        **{key.id: False for key in keys.list() if key.id not in made},
    }


def test_a_narrow_key_says_what_it_opens_and_each_change_is_on_the_trail(kept: Console) -> None:
    form = {"csrf": kept.csrf(), "application": "bank-mail", "scope": "embeddings"}
    (id_,) = re.findall(r"<b>(key_\w+) is made", kept.ask("/keys", form)[2])
    keys = table_of(kept.over.state, Secrets.open(kept.over.state))
    assert {key.id: key.scopes for key in keys.list()}[KeyId(id_)] == {KeyScope.EMBEDDINGS}
    row = kept.get("/keys?lang=fr").split(f">{id_}<")[1].split("</tr>")[0]
    assert "embeddings" in row
    assert "aucun vu" in row
    kept.ask(f"/keys/{id_}/revoke", {"csrf": kept.csrf()})
    trail = kept.over.trail()
    assert trail is not None
    said = [entry for _, data, _ in trail.rows(0, trail.size()) if id_ in (entry := data.decode())]
    assert [entry.count("printed_token") for entry in said] == [1, 1]
    assert ["key_created" in said[0], "key_revoked" in said[1]] == [True, True]


@pytest.mark.parametrize(
    ("path", "form", "why"),
    [
        ("/keys", {"application": "bank-mail", "scope": "telepathy"}, "KeyScope"),
        ("/keys", {"application": "nobody"}, "no application"),
        ("/keys", {"application": "bank-mail", "expires": "2020-01-01"}, "in the past"),
        ("/keys", {"application": "bank-mail", "expires": "soon"}, "isoformat"),
        ("/keys/key_0/revoke", {}, "no key"),
        ("/keys/key_0/rotate", {}, "no key that counts"),
    ],
)
def test_the_page_of_keys_refuses_what_cannot_be(kept: Console, path: str, form: dict[str, str], why: str) -> None:
    status, _, page = kept.ask(path, {"csrf": kept.csrf()} | form)
    assert (status, why in html.unescape(page)) == (400, True)
    assert kept.ask(path, form)[0] == 403


def test_usage_says_what_the_book_says_and_what_is_unknown(kept: Console) -> None:
    page = kept.settled("/usage?by=destination&period=all&lang=en")
    book = UsageBook(where.usage(kept.over.state))
    lines = book.by(By.DESTINATION)
    book.close()
    names = {line.name for line in lines}
    assert names
    for name in names:
        counts = [line.sums for line in lines if line.name == name]
        passages, refused = (sum(getattr(one, field) for one in counts) for field in ("passages", "refused"))
        assert f'<td class="n">{passages:,}</td><td class="n">{refused:,}</td>' in page
    unpriced = [name for name in names if not any(line.currency for line in lines if line.name == name)]
    assert page.count('<td class="n">unknown</td>') == len([name for name in unpriced if name])


def test_what_is_left_of_a_budget_is_at_most_that_when_something_has_no_price(kept: Console) -> None:
    page = kept.settled("/usage?lang=en").split('id="budgets"')[1]
    assert "at most" in page
    assert "counted as it happens, not kept" in page
    assert "The desk" in page


@pytest.mark.parametrize("by", ["data_class", "jurisdiction", "application", "organisation", "key", "day", "no_such"])
def test_usage_is_told_by_each_dimension(kept: Console, by: str) -> None:
    assert "<tbody>" in kept.settled(f"/usage?by={by}&period=all")


@pytest.mark.parametrize("path", ["/flows", "/decisions"])
def test_while_the_trail_is_being_read_a_page_says_how_far_it_is(
    month: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr("ecluse.console.ground.AT_ONCE", 5)
    monkeypatch.setattr(Ground, "_catch_up", lambda _: None)
    shutil.copytree(month, tmp_path / "state")
    with running(ground(tmp_path / "state")) as one:
        trail = one.over.trail()
        assert trail is not None
        page = one.get(f"{path}?lang=en")
        (whole, done), *_ = re.findall(r'<progress [^>]*max="(\d+)" value="(\d+)"', page)
        assert int(whole) == trail.size()
        assert f"{int(whole) - int(done):,} entries are still to be counted" in page
        assert int(done) % 5 == 0
        assert "data-again" in page


@pytest.mark.parametrize("path", ["/trail", "/keys", "/usage"])
def test_where_there_is_nothing_a_page_says_so(empty: Console, path: str) -> None:
    for language in ("fr", "en"):
        assert 'class="card empty"' in empty.get(f"{path}?lang={language}")


@pytest.mark.parametrize("path", ["/trail", "/keys", "/usage"])
def test_a_page_breaks_no_rule_of_accessibility_and_fits_a_phone(readers: Readers, kept: Console, path: str) -> None:
    kept.ask("/keys", {"csrf": kept.csrf(), "application": "bank-mail"})
    readers.look(kept, path)


def test_a_trail_is_verified_by_keyboard(readers: Readers, kept: Console) -> None:
    page = readers.page(kept, "en", "dark")
    arrive(page, f"{kept.base}/trail")
    page.locator("#verify ~ form button").focus()
    page.keyboard.press("Enter")
    page.locator(".note.good").wait_for()
