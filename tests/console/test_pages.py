"""Each page answers, says what it should, and treats what others wrote as text."""

import base64
import gzip
import html
import http.client
import json
import re
import shutil
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import ecluse.console
from ecluse.console.digest import Filter
from ecluse.console.pages import drill
from ecluse.passage.record import parse
from ecluse.passage.record.checkpoint import parse_vkey, verify
from ecluse.passage.record.merkle import leaf_hash, verify_inclusion
from ecluse.prove.concentration import as_it_would_go
from tests.console.running import Console, running
from tests.console.world import HTML, ground, write_trail

STATIC = Path(ecluse.console.__file__).parent / "static"


def test_a_prompt_with_markup_is_text(console: Console) -> None:
    _, _, page = console.ask("/playground", {"text": HTML + " claire.martin@exemple.fr", "csrf": console.csrf()})
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in page


@pytest.mark.parametrize("field", ["rule", "passage", "first_day", "way", "application"])
def test_a_search_with_markup_is_text(console: Console, field: str) -> None:
    page = console.get(f"/decisions?{field}=%3Cscript%3Ealert(1)%3C/script%3E%22%27")
    assert "<script>alert" not in page


def test_names_with_markup_are_text(tmp_path: Path) -> None:
    application = {"id": "a", "name": HTML, "purposes": ["drafting"]}
    named = [{"id": "o", "name": HTML, "kind": "private", "applications": [application]}]
    with running(ground(tmp_path / "state", organisations=named)) as one:
        for path in ("/flows", "/decisions", "/playground?example=letter", "/"):
            assert "<script>alert" not in one.get(path)
            assert "<img" not in one.get(path)


@pytest.mark.parametrize("path", ["/", "/flows", "/decisions", "/playground", "/rules", "/registry", "/limits"])
def test_each_page_is_whole_in_both_languages(console: Console, path: str) -> None:
    for language in ("fr", "en"):
        page = console.get(f"{path}?lang={language}")
        assert f'<html lang="{language}"' in page
        assert page.count("<h1>") == 1
        assert page.rstrip().endswith("</html>")


@pytest.mark.parametrize("path", ["/flows", "/decisions", "/playground", "/"])
def test_where_nothing_passed_a_page_says_what_to_do(empty: Console, path: str) -> None:
    page = empty.get(f"{path}?lang=fr")
    assert 'class="button"' in page
    assert empty.ask("/decisions/0123456789abcdef")[0] == 404


def test_the_first_view_is_small(console: Console) -> None:
    fonts = ("fonts/source-sans-3.woff2", "fonts/source-serif-4.woff2")
    always = ("tokens.css", "console.css", "console.js", "mark.svg", *fonts)
    files = sum((STATIC / name).stat().st_size for name in always)
    sizes = {path: len(console.get(path).encode()) + files for path in ("/", "/flows", "/playground", "/decisions")}
    assert max(sizes.values()) < 230_000, sizes
    packed = sum(len(gzip.compress((STATIC / name).read_bytes())) for name in always)
    assert packed + len(gzip.compress(console.get("/flows").encode())) < 150_000


def test_files_are_compressed_and_pages_with_a_mark_are_not(console: Console) -> None:
    assert _encoding(console, "/static/console.css") == "gzip"
    assert _encoding(console, "/flows") is None


def _encoding(console: Console, path: str) -> str | None:
    connection = http.client.HTTPConnection("127.0.0.1", console.port, timeout=20)
    try:
        connection.request("GET", path, headers={"cookie": console.cookie, "accept-encoding": "gzip"})
        answer = connection.getresponse()
        assert answer.status == 200
        return answer.headers.get("content-encoding")
    finally:
        connection.close()


def test_the_rules_that_only_observe_are_shown_with_what_they_would_have_refused(console: Console) -> None:
    part = console.get("/rules?lang=en").split('id="watching"')[1].split("</section>")[0]
    digest, _ = console.over.digest()
    assert digest is not None
    first = (console.over.today - timedelta(days=29)).isoformat()
    fired = digest.fired(Filter(first_day=first, last_day=console.over.today.isoformat()), "observed", 9)
    shown = re.findall(r'<span class="code">([^<]+)</span><b>([\d,]+)</b>', part)
    assert shown == [(rule, f"{count:,}") for rule, count in fired]
    assert shown


def test_the_flows_say_what_the_digest_counts(console: Console) -> None:
    page = console.get("/flows?period=all&lang=en")
    digest, _ = console.over.digest()
    assert digest is not None
    ((total, *_),) = digest.sums(Filter())
    assert f"{total:,} requests." in page
    links = re.findall(r'<a href="(/decisions\?[^"]*principal=health[^"]*)"', page)
    assert links
    assert "no-such" not in console.get(links[0].replace("&amp;", "&"))


def test_each_band_leads_to_as_many_decisions_as_it_says(console: Console) -> None:
    page = console.get("/flows?period=all&lang=en")
    digest, _ = console.over.digest()
    assert digest is not None
    found = re.findall(r'<a href="/decisions\?([^"]*)" aria-label="[^"]*: ([\d,]+) requests?"', page)
    assert len(found) > 10
    for query, count in found:
        keys = dict(part.split("=") for part in query.replace("&amp;", "&").split("&"))
        asked = Filter(**{name: value.replace("%2F", "/") for name, value in keys.items()})
        assert len(digest.passages(asked, most=10**6)) == int(count.replace(",", ""))


@pytest.mark.parametrize("way", ["as_is", "masked", "refused"])
def test_a_decision_is_explained_and_proven(console: Console, way: str) -> None:
    address = re.findall(r'href="(/decisions/[0-9a-f]+)"', console.get(f"/decisions?way={way}"))[0]
    page = console.get(f"{address}?lang=en")
    assert "Under the very snapshot that decided" in page or "Asked again" in page
    proof = json.loads(console.get(f"{address}/proof.json"))
    head = verify(proof["note"], parse_vkey(proof["vkey"]))
    assert proof["entries"]
    for one in proof["entries"]:
        leaf = leaf_hash(base64.b64decode(one["entry"]))
        path = [base64.b64decode(step) for step in one["path"]]
        verify_inclusion(leaf, one["index"], head.size, path, head.root)


@pytest.mark.parametrize(
    ("stated", "cookie", "accepted", "expected"),
    [
        ("?lang=en", "lang=fr", "fr", "en"),
        ("", "lang=fr", "en", "fr"),
        ("", "", "en-GB,fr;q=0.5", "en"),
        ("", "", "de", "fr"),
        ("?lang=xx", "", "en", "en"),
    ],
)
def test_the_language_is_the_readers(console: Console, stated: str, cookie: str, accepted: str, expected: str) -> None:
    page = console.get(f"/{stated}", cookie=f"{console.cookie}; {cookie}", accept_language=accepted)
    assert f'<html lang="{expected}"' in page


def test_a_view_answers_in_time(console: Console) -> None:
    console.get("/flows")
    for path in ("/flows", "/decisions", "/playground"):
        began = time.perf_counter()
        console.get(path)
        assert time.perf_counter() - began < 1.5, path


def test_a_house_brings_its_own_tokens(tmp_path: Path) -> None:
    own = tmp_path / "house.css"
    own.write_text(":root { --accent: #000091; }", encoding="utf-8")
    with running(ground(tmp_path / "state", console={"tokens": str(own)})) as one:
        assert "--accent: #000091" in one.get("/tokens.css")
        page = one.get("/")
        assert page.index("/static/tokens.css") < page.index('"/tokens.css"')


def test_each_rule_in_force_is_told_with_its_source(console: Console) -> None:
    page = html.unescape(console.get("/rules?lang=fr"))
    assert "Personne ne l'a relu ; écrit le 2026-11-24." in page
    for id_, rule in console.over.rules().items():
        assert f'id="{id_}"' in page
        assert re.sub(r"`([^`]+)`", r"<code>\1</code>", rule.reason.fr) in page
        assert rule.reason.source in page


def test_the_registry_shows_each_attestation_and_each_destination(console: Console) -> None:
    page = console.get("/registry?lang=en")
    registry = console.over.base.registry
    assert page.count('class="span"') == sum(len(record.offer.attestations) for record in registry.offers.values())
    for name in registry.destinations:
        assert f'href="/registry/{name}"' in page
    console.get("/registry/azure/global/mistral-large-3")
    assert console.ask("/registry/no/such/destination")[0] == 404


def test_a_supposition_is_computed_and_a_wrong_one_says_what_to_write(console: Console) -> None:
    some = "/registry?lang=en&if=microsoft%20converts%2015%20MEUR%20in%20mistral_ai%20at%2020%20GEUR%20post-money"
    assert "The holder would have" in console.get(some)
    most = some.replace("15%20MEUR", "15%20GEUR")
    changed = console.get(most)
    assert "75%" in changed
    assert changed.split('id="what-if"')[1].split("</section>")[0].count("changes</span>") >= 1
    assert "converts 15 MEUR" in console.get("/registry?if=nonsense")


def test_the_first_request_goes_to_where_the_gateway_listens(tmp_path: Path) -> None:
    over = ground(tmp_path / "state")
    over.listens = "127.0.0.1:9191"
    with running(over) as one:
        page = one.get("/")
    assert page.count("http://127.0.0.1:9191/v1") == 3
    assert "8088" not in page


def test_requests_that_would_stop_are_told_though_no_application_loses_its_last_destination(
    month: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    shutil.copytree(month, state)
    with running(ground(state)) as one:
        went_on = html.unescape(one.settled("/drill?without=azure&lang=fr"))
        would = as_it_would_go
        monkeypatch.setattr(drill, "as_it_would_go", lambda *a, **k: replace(would(*a, **k), stopped=3))
        stopped = html.unescape(one.settled("/drill?without=ovhcloud&lang=fr"))
    assert "Aucune application ne perd sa dernière destination." in went_on
    assert "s'arrêterai" not in went_on
    assert "Aucune application ne perd sa dernière destination. 3 requêtes du mois dernier s'arrêteraient" in stopped


def test_a_decision_says_of_which_rules_the_caller_was_warned(tmp_path: Path) -> None:
    over = ground(tmp_path / "state", modes={"base.impact_assessment": "warn"})
    write_trail(over, 300)
    trail = over.trail()
    assert trail is not None
    entries = [parse(data) for _, data, _ in trail.rows(0, trail.size())]
    warned = next(entry.passage for entry in entries if entry.body.get("warned"))
    silent = next(entry.passage for entry in entries if entry.passage != warned and "warned" not in entry.body)
    with running(over) as one:
        told = one.get(f"/decisions/{warned}?lang=en")
        assert "The caller was warned of it: base.impact_assessment." in told
        assert "L'appelant en a été averti" in html.unescape(one.get(f"/decisions/{warned}?lang=fr"))
        assert "was warned of it" not in one.get(f"/decisions/{silent}?lang=en")
