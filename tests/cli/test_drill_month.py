"""`ecluse drill` on the last month of a trail: cost and concentration before and after; unknown is never zero."""

import asyncio
import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from ecluse.cli.main import app
from ecluse.domain.destination import DestinationId
from ecluse.domain.snapshot import Instant
from ecluse.domain.trail import Entry, OutcomeStatus
from ecluse.domain.verdict import Choice
from ecluse.edge.keys import Secrets
from ecluse.edge.keys import state as where
from ecluse.edge.stores.sqlite import SqliteStore
from ecluse.passage import record
from tests.cli.test_drill import SETTINGS, StandingClock
from tests.cli.test_past import DAY, OWN, sent
from tests.passage.record import samples

MEDIUM = Choice(destination=DestinationId("scaleway/generative-apis/mistral-medium-3.5"), masked=False)
"""List price 1.50 and 7.50 EUR per million tokens."""
IONOS = Choice(destination=DestinationId("ionos/model-hub/gpt-oss-120b"), masked=False)
"""List price 0.15 and 0.65 EUR."""
MILLION = 1_000_000


def done(number: int, choice: Choice, tokens: int | None, days: int) -> Entry:
    return record.outcome(
        id=samples.id_of(number, "outcome"),
        passage=samples.passage_of(number),
        now=Instant(samples.NOW + days * DAY),
        status=OutcomeStatus.DONE,
        destination=choice.destination,
        tokens_in=tokens,
        tokens_out=tokens,
        calls=1,
    )


def passages(*went: tuple[Choice, int | None, int], model: str = "auto") -> list[Entry]:
    """Return passages as (choice, tokens, day)."""
    return [
        entry
        for number, (choice, tokens, days) in enumerate(went)
        for entry in (sent(number, choice, set(), days=days, model=model), done(number, choice, tokens, days))
    ]


def drilled(folder: Path, entries: list[Entry], lost: str, *words: str) -> Any:
    async def write(state: Path) -> None:
        store = SqliteStore(where.trail(state), signer=Secrets.open(state).signer(), clock=StandingClock())
        await store.start()
        for entry in entries:
            await store.append(entry)
        await store.close()

    state = folder / "state"
    state.mkdir(mode=0o700)
    asyncio.run(write(state))
    path = folder / "ecluse.toml"
    path.write_text(SETTINGS.replace('"crisis"', '"other"').replace('"press"', '"crisis"'), encoding="utf-8")
    done_ = CliRunner().invoke(
        app, ["drill", "--without", lost, "--config", str(path), "--state-dir", str(state), *words]
    )
    assert done_.exit_code in {0, 1}, done_.output
    return done_.stdout


def month(folder: Path, entries: list[Entry], lost: str) -> Any:
    return json.loads(drilled(folder, entries, lost, "--json"))["month"]


def test_the_same_passages_are_priced_and_counted_before_and_after(tmp_path: Path) -> None:
    went = passages((MEDIUM, MILLION, 40), (MEDIUM, MILLION, 41), (IONOS, MILLION, 42), (OWN, MILLION, 43))
    seen = month(tmp_path, went, "scaleway")
    before, after = seen["before"], seen["after"]
    # Two passages of 1.50 + 7.50 and one of 0.15 + 0.65; what one runs oneself has no list price.
    assert before["cost_micro"] == {"EUR": 18_800_000}
    assert (before["passages"], before["passages_of_unknown_cost"]) == (4, 1)
    assert before["companies"] == {"ionos": 25.0, "outscale": 25.0, "scaleway": 50.0}
    assert before["concentration"] == 50 * 50 + 25 * 25 + 25 * 25
    assert (after["passages"], after["stopped"]) == (4, 0)
    assert after["companies"] == {"azure": 50.0, "ionos": 25.0, "outscale": 25.0}
    assert after["cost_micro"] == {"EUR": 800_000, "USD": 4_000_000}  # two of 0.50 + 1.50; no rate is stated


def test_unknown_prices_and_tokens_are_unknown_and_never_zero(tmp_path: Path) -> None:
    seen = month(tmp_path, passages((OWN, MILLION, 1), (MEDIUM, None, 2)), "ionos")
    for one in (seen["before"], seen["after"]):
        assert one["cost_micro"] is None
        assert one["passages_of_unknown_cost"] == one["passages"] == 2


def test_only_the_last_thirty_days_of_the_trail_count(tmp_path: Path) -> None:
    seen = month(tmp_path, passages((MEDIUM, MILLION, 0), (MEDIUM, MILLION, 50), (MEDIUM, MILLION, 60)), "ionos")
    assert seen["before"]["passages"] == 2
    assert seen["before"]["concentration"] == 10_000
    assert (seen["since"] < seen["until"]) is True


def test_what_named_a_lost_model_stops_and_is_counted_apart(tmp_path: Path) -> None:
    went = passages((MEDIUM, MILLION, 1), (MEDIUM, MILLION, 2), model="mistral-medium-3.5")
    seen = month(tmp_path, went, "scaleway")
    assert (seen["after"]["passages"], seen["after"]["stopped"]) == (0, 2)
    assert (seen["after"]["cost_micro"], seen["after"]["concentration"]) == (None, None)


def test_an_intent_without_an_outcome_counts_for_nothing(tmp_path: Path) -> None:
    seen = month(tmp_path, [sent(1, MEDIUM, set())], "scaleway")
    assert (seen["before"]["passages"], seen["before"]["concentration"]) == (0, None)


def test_the_month_is_told_in_words(tmp_path: Path) -> None:
    shown = drilled(tmp_path, passages((MEDIUM, MILLION, 1), (OWN, MILLION, 2)), "ionos", "-l", "fr")
    assert "coût 9,00 EUR, et inconnu pour 1" in shown
