"""Exceptions and contests in the console: asked by one, decided by another, as the docket rules."""

import html
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from ecluse.edge.docket import Docket, Move
from ecluse.edge.keys import Secrets
from ecluse.edge.keys import state as where
from ecluse.edge.stores.beside import docket_of
from tests.console.browser import reading, violations
from tests.console.running import Console
from tests.console.world import CLAIRE, DAY

ASKED = {"name": CLAIRE, "role": "metier", "ground": "Marché en cours de régularisation", "ends": "2026-12-20"}
OTHER = {"name": "Paul Durand", "role": "dpo"}


def _docket(state: Path) -> Docket:
    return docket_of(state, Secrets.open(state))


def _states(console: Console) -> dict[str, str]:
    return {one.asked.matter: one.state for one in _docket(console.over.state).matters()}


def _form(console: Console, **more: str) -> dict[str, str]:
    liftable = [rule.id for rule in console.over.rules().values() if not rule.permits and not rule.floor]
    stated = {"application": "bank-mail", "rule": liftable[0], "starts": DAY.isoformat()}
    stated |= {"destination": next(iter(console.over.snapshot.destinations)), "csrf": console.csrf()}
    return stated | ASKED | more


def test_one_person_asks_and_another_grants(docketed: Console) -> None:
    status, headers, _ = docketed.ask("/exceptions", _form(docketed))
    assert status == 303
    matter = re.findall(r"done=(E-\w+)", headers["location"])[0]
    assert ASKED["ground"] in docketed.get("/exceptions")
    status, _, page = docketed.ask(f"/exceptions/{matter}/accept", {"csrf": docketed.csrf()} | ASKED)
    assert (status, _states(docketed)[matter]) == (400, "open")
    assert "another person in another role decides" in page
    assert ASKED["name"] not in page, "a refusal shows no name that the page hides"
    page = docketed.ask(f"/exceptions/{matter}/accept?lang=fr", {"csrf": docketed.csrf()} | ASKED)[2]
    assert "une autre personne décide, dans un autre rôle" in page
    assert docketed.ask(f"/exceptions/{matter}/accept", {"csrf": docketed.csrf()} | OTHER)[0] == 303
    page = docketed.get("/exceptions?lang=en").split('id="standing"')[1]
    assert matter in page
    assert "not on the trail yet: does not count" in page
    assert docketed.ask(f"/exceptions/{matter}/end", {"csrf": docketed.csrf()} | OTHER)[0] == 303
    assert _states(docketed)[matter] == "ended"
    assert "ended early" in docketed.get("/exceptions?lang=en").split('id="closed"')[1]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"role": "Madame la DPO"}, ("a role in one lower-case word", "son rôle en un mot et en minuscules")),
        ({"ground": " "}, ("are all stated", "sont tous à écrire")),
        ({"ends": "2030-01-01"}, ("at most", "au plus")),
        ({"ends": "soon"}, ("as 2027-01-31", "par exemple 2027-01-31")),
        ({"destination": "elsewhere/model"}, ("no destination", "aucune destination")),
        ({"rule": "no.such_rule"}, ("there is no rule", "aucune règle ne s'appelle")),
        ({"application": "nobody"}, ("no application", "aucune application")),
    ],
)
def test_the_page_refuses_what_the_command_refuses_in_the_language_of_who_reads(
    untouched: Console, more: dict[str, str], why: tuple[str, str]
) -> None:
    for language, told in zip(("en", "fr"), why, strict=True):
        status, _, page = untouched.ask(f"/exceptions?lang={language}", _form(untouched, **more))
        assert status == 400
        alert = html.unescape(page.split('role="alert"')[1].split("</div>", maxsplit=1)[0])
        assert told in alert
        assert f'lang="{language}"' in alert
    assert len(_states(untouched)) == 1


def test_a_rule_of_the_floor_is_neither_listed_nor_lifted(untouched: Console) -> None:
    floor = [rule.id for rule in untouched.over.rules().values() if rule.floor or rule.permits]
    page = untouched.get("/exceptions")
    assert floor
    assert not [id_ for id_ in floor if f'<option value="{id_}"' in page]
    status, _, page = untouched.ask("/exceptions", _form(untouched, rule=floor[0]))
    assert (status, "nothing lifts it" in page) == (400, True)


def test_a_contest_is_granted_until_a_day_within_a_year(docketed: Console) -> None:
    (matter,) = _states(docketed)
    for ends in ("2028-12-01", "2026-11-01", ""):
        form = {"csrf": docketed.csrf(), "ends": ends} | OTHER
        assert docketed.ask(f"/exceptions/{matter}/accept", form)[0] == 400
    assert _states(docketed)[matter] == "open"
    form = {"csrf": docketed.csrf(), "ends": "2027-01-31"} | OTHER
    assert docketed.ask(f"/exceptions/{matter}/accept", form)[0] == 303
    (found,) = _docket(docketed.over.state).matters()
    assert found.decided is not None
    assert (found.decided.move, str(found.decided.ends)) == (Move.GRANTED, "2027-01-31")


def test_a_change_without_the_mark_of_the_session_is_refused(untouched: Console) -> None:
    (matter,) = _states(untouched)
    assert untouched.ask(f"/exceptions/{matter}/reject", dict(OTHER))[0] == 403
    assert _states(untouched)[matter] == "open"


def test_what_others_wrote_is_text(untouched: Console) -> None:
    page = untouched.get("/exceptions")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(&#39;x&#39;)" in page


def test_a_step_that_was_changed_is_said_and_refuses_the_rest(docketed: Console) -> None:
    path = where.docket(docketed.over.state)
    path.write_bytes(b"not a docket")
    status, _, page = docketed.ask("/exceptions")
    assert (status, "cannot be used" in page or "not a database" in page) == (503, True)


def test_a_contest_is_turned_down_by_keyboard_and_the_page_has_no_violation(
    browser: Browser, docketed: Console
) -> None:
    (matter,) = _states(docketed)
    docketed.ask("/exceptions", _form(docketed))
    for language, theme, width in (("fr", "light", 1280), ("en", "dark", 390)):
        with reading(browser, docketed, language=language, theme=theme, width=width) as page:
            page.goto(f"{docketed.base}/exceptions")
            page.locator("summary h2").click()
            assert violations(page) == [], (language, theme)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    with reading(browser, docketed) as page:
        page.goto(f"{docketed.base}/exceptions")
        page.locator(f"#name-{matter}").focus()
        page.keyboard.type(OTHER["name"])
        page.keyboard.press("Tab")
        page.keyboard.type(OTHER["role"])
        for _ in range(9):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.formAction ?? ''").endswith("/reject"):
                break
        page.keyboard.press("Enter")
        page.locator(".note.good").wait_for()
    assert _states(docketed)[matter] == "refused"
