"""What the how-to and the tutorial tell a reader to write is accepted, and proves what the page says it proves."""

import tomllib
from datetime import date
from pathlib import Path

import msgspec
import pytest

from ecluse.domain.destination import DestinationId, Established
from ecluse.domain.request import Slot, SlotPath
from ecluse.edge.config import Settings
from ecluse.edge.recognition import read
from ecluse.edge.roles import MAY, Act
from ecluse.packs.registry import BUILT_IN, establish, load
from ecluse.passage.classify import OwnDetector, engine
from ecluse.passage.send import DIALECTS
from tests.docs.markdown import fences, page, rows

TODAY = date(2026, 11, 24)
SIGN_IN = "docs/how-to/sign-in-with-your-identity-provider.md"


def test_the_provider_of_the_how_to_loads_and_proves_what_the_page_says(tmp_path: Path) -> None:
    file, proves = fences(page("docs/how-to/add-a-provider.md"), "toml")
    (tmp_path / "example_cloud.toml").write_text(file, encoding="utf-8")
    known = establish(load(BUILT_IN, tmp_path), TODAY)[DestinationId("example_cloud/models/mistral-small-4")]
    assert {Established.PROCESSING_IN_EU, Established.NO_TRAINING} <= known.established
    assert not known.established & {Established.NO_RETENTION, Established.EU_CONTROL, Established.SECNUMCLOUD}
    [(name, stated)] = tomllib.loads(proves).items()
    assert (name, set(stated["established"])) == (known.id, {str(fact) for fact in known.established})
    assert known.non_eu_share_max == stated["non_eu_share_max"] == 100


def test_the_how_to_names_the_dialects_that_there_are() -> None:
    assert all(f"`{name}`" in page("docs/how-to/add-a-provider.md") for name in DIALECTS)


def test_the_settings_of_the_tutorial_are_settings() -> None:
    [file] = fences(page("docs/tutorials/first-request.md"), "toml")
    settings = msgspec.convert(tomllib.loads(file), Settings)
    assert set(settings.applications) == {"town-mail"}
    assert set(settings.destinations.order) <= set(load().destinations)


def test_the_entries_of_the_how_to_find_what_the_page_says(tmp_path: Path) -> None:
    text = page("docs/how-to/recognise-your-own.md")
    stated, entries = fences(text, "toml")
    assert set(msgspec.convert(tomllib.loads(stated), Settings).recognition) == {"firm"}
    (tmp_path / "projects.toml").write_text(entries, encoding="utf-8")
    said = "Où en est le projet aigue-marine, PRJ-2041 ?"
    slot = Slot(path=SlotPath("text"), text=said)
    found = OwnDetector(engine((), {}), read(tmp_path / "projects.toml")).own((slot,))
    told = [
        f"{f.recogniser.removeprefix('own:')}: 1 found\n  {f.start}-{f.end}: {said[f.start : f.end]}" for f in found
    ]
    assert "\n".join(told) in text


def test_each_fact_that_can_be_established_has_its_row() -> None:
    table = rows(page("docs/explanation/sovereignty.md"))
    assert {row["established"].strip("`") for row in table if "established" in row} == set(Established)


def test_the_roles_of_the_how_to_may_do_what_it_says() -> None:
    table = {row["role"].strip("`"): list(row.values())[1:] for row in rows(page(SIGN_IN)) if "role" in row}
    assert table == {role: ["yes" if act in acts else "no" for act in Act] for role, acts in MAY.items()}


@pytest.mark.parametrize("name", [SIGN_IN, "docs/how-to/accept-tokens-of-your-identity-provider.md"])
def test_the_settings_of_identity_are_settings(name: str) -> None:
    [file] = fences(page(name), "toml")
    identity = msgspec.convert(tomllib.loads(file), Settings).identity
    assert identity.console or identity.issuers
