"""The pages that account for what is done: what they say is what the commands say, and a name is text."""

import html
import re
import time
from pathlib import Path

import msgspec
import pytest

from ecluse.console.drafting import drafted, liftable
from ecluse.domain.caller import AnalysisKind, ApplicationId, OrganisationId
from ecluse.domain.verdict import Mode, Permit
from ecluse.edge.drilling import loss_of
from ecluse.edge.month import last_month
from ecluse.prove.ceiling import ceiling
from ecluse.prove.concentration import as_it_went, as_it_would_go
from ecluse.prove.drill import without
from ecluse.prove.simulate import Fate, verdict_of
from tests.console.running import Console, running
from tests.console.world import HTML, ground

PAGES = ("/applications", "/applications/hospital-care", "/drill", "/drill?without=mistral", "/reports")


def test_what_is_open_is_what_the_ceiling_says(console: Console) -> None:
    page = console.settled("/applications/hospital-care?lang=en").split('id="levels"')[1].split("</section>")[0]
    over = console.over
    levels = ceiling(over.snapshot, over.base.applications[ApplicationId("hospital-care")], now=over.clock.now())
    shown = re.findall(r'<span class="way (as_is|masked|refused)">', page)
    said = ["refused" if not one.choices else "masked" if one.choices[0].masked else "as_is" for one in levels]
    assert shown == said
    assert {"refused", "as_is"} <= set(said)


def test_a_box_that_is_ticked_asks_the_rules_and_writes_nothing(console: Console) -> None:
    before = console.settled("/applications/bank-mail?lang=en")
    form = {"csrf": console.csrf(), "analysis": AnalysisKind.IMPACT_ASSESSMENT}
    _, _, after = console.ask("/applications/bank-mail?lang=en", form)
    assert "What would be open" in after
    assert "What would be open" not in before
    assert "What would be open" not in console.settled("/applications/bank-mail?lang=en")


def test_what_a_missing_analysis_opens_is_what_it_opens_when_it_is_there(console: Console) -> None:
    page = console.settled("/applications/bank-mail?lang=en").split('id="missing"')[1].split("<details")[0]
    assert "With an impact assessment" in page
    assert "with an entry in the register" not in page.lower()


def test_names_of_persons_are_shown_to_who_says_why(tmp_path: Path) -> None:
    application = {"id": "a", "name": HTML, "purposes": [HTML], "owner": "Claire Martin"}
    named = [{"id": "o", "name": HTML, "kind": "private", "applications": [application]}]
    with running(ground(tmp_path / "state", organisations=named)) as one:
        assert "Claire Martin" not in one.get("/applications/a")
        assert "Claire Martin" not in one.get("/applications/a?names=shown")
        asked = {"page": "/applications/a", "why": "CASE-7", "name": "Paul Durand", "role": "dpo", "csrf": one.csrf()}
        assert one.ask("/names", asked)[0] == 303
        assert "Claire Martin" in one.get("/applications/a")
        for path in ("/applications", "/applications/a", "/drill?without=mistral", "/reports?report=register"):
            page = one.settled(path)
            assert "<script>alert" not in page
            assert "<img" not in page


def test_a_jurisdiction_unplugged_leaves_nobody_there(console: Console) -> None:
    page = html.unescape(console.settled("/drill?without=JURISDICTION:US&lang=en"))
    assert "Mistral Large 3" in page.split('id="gone"')[1].split("</section>")[0]
    rows = page.split('id="profiles"')[1]
    counts = re.findall(r'<td class="n">(\d+)</td><td class="n">(\d+)</td>', rows)
    assert counts
    assert all(int(after) <= int(before) for before, after in counts)
    assert any(int(after) < int(before) for before, after in counts)


def test_the_last_month_costs_and_concentrates_as_the_command_says(console: Console) -> None:
    page = (
        html.unescape(console.settled("/drill?without=mistral&lang=en")).split('id="month"')[1].split("</section>")[0]
    )
    over, trail = console.over, console.over.trail()
    assert trail is not None
    month = last_month(trail)
    loss = loss_of(over.base, over.snapshot, "mistral")
    after = without(over.snapshot, loss.gone)
    balances = (
        as_it_went(month.flows, over.snapshot),
        as_it_would_go(month.flows, after, over.base.applications, now=over.clock.now()),
    )
    shown = re.findall(r'<td class="n">([\d,]+)</td><td class="n">([\d,]+)</td>.*?<td class="n">([\d,]+)</td>', page)
    assert shown == [tuple(f"{n:,}" for n in (b.passages, b.stopped, b.concentration or -1)) for b in balances]
    assert balances[0].concentration != balances[1].concentration
    assert "unknown for" in page


def test_what_cannot_be_unplugged_says_what_can(console: Console) -> None:
    assert "it has:" in html.unescape(console.settled("/drill?without=nobody"))


@pytest.mark.parametrize("name", ["register", "impact", "transfers", "dora", "ai-act", "notice"])
def test_each_report_is_read_here_in_both_languages(console: Console, name: str) -> None:
    for language in ("fr", "en"):
        page = console.settled(f"/reports?report={name}&organisation=bank&lang={language}")
        assert 'id="written"' in page


@pytest.mark.parametrize("name", ["notice", "register"])
def test_whom_to_write_to_is_named_or_said_to_be_missing_with_where_to_write_it(
    console: Console, empty: Console, name: str
) -> None:
    told = console.settled(f"/reports?report={name}&organisation=bank&lang=fr")
    assert "Délégué à la protection des données : delegue.donnees@exemple.fr" in told
    told = empty.settled(f"/reports?report={name}&organisation=bank&lang=en")
    assert "Data protection officer: to be completed by the controller" in told
    assert "[console] contact" in told


def test_a_report_leaves_as_a_file(console: Console) -> None:
    for form, kind in (("html", "text/html"), ("csv", "text/csv")):
        status, headers, _ = console.ask(f"/reports/register/{form}?organisation=bank")
        assert status == 200
        assert headers["content-type"].startswith(kind)
        assert headers["content-disposition"].startswith("attachment")
    assert console.ask("/reports/register/exe")[0] == 404
    assert console.ask("/reports/none/csv")[0] == 404


@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_accounts_is_small_and_quick(console: Console, path: str) -> None:
    console.settled(path)
    began = time.perf_counter()
    assert len(console.get(path).encode()) < 60_000
    assert time.perf_counter() - began < 1.5


@pytest.mark.parametrize("path", ["/applications", "/drill", "/reports"])
def test_where_nothing_passed_a_page_is_whole(empty: Console, path: str) -> None:
    assert empty.get(path).rstrip().endswith("</html>")


def test_a_draft_says_what_the_same_mode_written_in_the_settings_does(console: Console, tmp_path: Path) -> None:
    over = console.over
    bank, modes = OrganisationId("bank"), dict[str, str]()
    found = {id_: drafted(over, bank, id_, Mode.OBSERVE) for id_ in liftable(over)}
    rule, most = max(found.items(), key=lambda one: sum(change.passages for change in one[1].changed))
    assert most.changed
    page = html.unescape(console.settled(f"/rules/draft?organisation=bank&rule={rule}&mode=observe&lang=en"))
    for fate, words in ((Fate.PERMITTED, "would be permitted"), (Fate.ELSEWHERE, "to other destinations")):
        assert f"{most.counts[fate]:,} {words}" in page
    assert f'"{rule}" = "observe"' in page
    named = msgspec.to_builtins(over.settings.organisations)
    for one in named:
        if one["id"] == "bank":
            modes = one["modes"] = one["modes"] | {rule: "observe"}
    written = ground(tmp_path / "state", organisations=named)
    assert dict(written.base.applications[ApplicationId("bank-mail")].organisation.modes) == modes
    for change in most.changed:
        was, would = (
            verdict_of(one.snapshot, one.base.applications, change.past, now=one.clock.now()) for one in (over, written)
        )
        assert isinstance(would, Permit)
        assert not isinstance(was, Permit) if change.fate is Fate.PERMITTED else was != would
    written.close()
    same = console.settled(f"/rules/draft?organisation=bank&rule={rule}&mode=enforce&lang=en")
    assert "every request would have had the same answer" in same


def test_a_draft_of_a_rule_of_the_floor_is_not_tried(console: Console) -> None:
    floor = next(id_ for id_, rule in console.over.rules().items() if rule.floor)
    page = console.get(f"/rules/draft?organisation=region&rule={floor}&mode=observe")
    assert 'id="publish"' not in page
    assert f"<option>{floor}</option>" not in page
