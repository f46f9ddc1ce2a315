"""Settings and facts to a snapshot: what is left out, what is refused, and when it ends."""

import re
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from ecluse.app import grounds
from ecluse.domain.snapshot import Snapshot
from ecluse.edge.clock import start_of
from ecluse.edge.config import Settings, SettingsError, load
from ecluse.edge.snapshots import build
from tests.edge.gateway import AZURE, OWN, SCALEWAY

DAY = date(2026, 11, 24)
LOCAL = {OWN: "http://127.0.0.1:9"}


def made(**settings: object) -> Snapshot:
    return build(grounds(msgspec.convert(settings, Settings)), DAY)


def test_a_remote_destination_without_a_credential_is_left_out() -> None:
    assert set(made(destinations={"base_urls": LOCAL}).destinations) == {OWN}
    both = made(destinations={"base_urls": LOCAL, "credentials": {SCALEWAY: "env:KEY"}})
    assert set(both.destinations) == {OWN, SCALEWAY}


def test_simulators_never_stand_beside_real_remote_destinations() -> None:
    shot = made(
        destinations={"base_urls": LOCAL, "credentials": {SCALEWAY: "env:KEY"}},
        unsafe_simulators={AZURE: "http://127.0.0.1:9001"},
    )
    assert set(shot.destinations) == {OWN, AZURE}
    assert shot.destinations[next(iter(d for d in shot.destinations if d == AZURE))].simulated


@pytest.mark.parametrize("url", ["https://127.0.0.1:1", "http://10.0.0.1:80", "http://example.org", "file:///x"])
def test_a_simulator_elsewhere_than_on_loopback_refuses(url: str) -> None:
    with pytest.raises(SettingsError, match="127"):
        made(unsafe_simulators={AZURE: url})


def test_the_address_of_a_providers_destination_cannot_be_changed() -> None:
    with pytest.raises(SettingsError, match="base_url"):
        made(destinations={"base_urls": {SCALEWAY: "https://elsewhere.example"}})


def test_a_resource_fills_the_registrys_address_and_nothing_else() -> None:
    key = {"credentials": {AZURE: "env:KEY"}}
    filled = made(destinations={**key, "resources": {AZURE: "my-firm"}})
    assert next(iter(filled.destinations.values())).base_url == "https://my-firm.services.ai.azure.com/openai/v1"
    for resource in ("evil.example/", "a@b", "", "x" * 65):
        with pytest.raises(SettingsError, match="resource"):
            made(destinations={**key, "resources": {AZURE: resource}})


def test_an_unknown_destination_refuses_and_names_those_on_record() -> None:
    with pytest.raises(SettingsError, match="scaleway/"):
        made(destinations={"order": ["scaleway/nothing"]})


def test_nothing_to_send_to_refuses() -> None:
    with pytest.raises(SettingsError, match="no destination"):
        made()


def test_a_snapshot_ends_when_an_analysis_does() -> None:
    application = {
        "id": "a",
        "name": "A",
        "purposes": ["p"],
        "analyses": [{"kind": "register_entry", "reference": "R", "valid_until": "2026-11-25"}],
    }
    organisation = {"id": "o", "name": "O", "kind": "private", "applications": [application]}
    shot = made(destinations={"base_urls": LOCAL}, organisations=[organisation])
    assert shot.valid_until == start_of(DAY + timedelta(days=2)), "its last day counts"


def test_the_name_of_a_snapshot_changes_with_what_it_rests_on() -> None:
    one = made(destinations={"base_urls": LOCAL})
    assert one.id == made(destinations={"base_urls": LOCAL}).id
    assert one.id != made(destinations={"base_urls": {OWN: "http://127.0.0.1:10"}}).id
    base = grounds(msgspec.convert({"destinations": {"base_urls": LOCAL}}, Settings))
    assert build(base, DAY).id != build(base, DAY + timedelta(days=1)).id


def test_an_unknown_place_has_nothing_established() -> None:
    assert all(not place.established for place in made(destinations={"base_urls": LOCAL}).places)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[server]\nprot = 1", "prot"),
        ("not toml", "cannot be read"),
        ('[[organisations]]\nid = "o"\nname = "O"\nkind = "kingdom"', "kingdom"),
        (
            '[[organisations]]\nid = "o"\nname = "O"\nkind = "private"\napplications = [{id="a",name="A",purposes=[]}]',
            "purpose",
        ),
    ],
)
def test_bad_settings_refuse_and_say_where(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "ecluse.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=says):
        load(path)


def test_missing_settings_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--config"):
        load(tmp_path / "none.toml")


@pytest.mark.parametrize(
    "url", ["http://8.8.8.8:80", "not a url", "file:///etc/passwd", "http://[x", "https://u:p@h/v1"]
)
def test_an_address_of_ones_own_without_tls_elsewhere_refuses(url: str) -> None:
    with pytest.raises(SettingsError, match="base_urls"):
        made(destinations={"base_urls": {OWN: url}})


def test_the_name_of_a_snapshot_changes_with_its_places() -> None:
    local = {"base_urls": LOCAL}
    one = made(destinations=local, gateway={"hosted_on": "own_premises", "country": "FR"})
    base = grounds(msgspec.convert({"destinations": local, "gateway": {"hosted_on": "outscale_iaas"}}, Settings))
    assert build(base, date(2026, 11, 29)).places[0].established != build(base, date(2026, 12, 1)).places[0].established
    assert one.id != build(base, DAY).id


def test_a_rule_of_law_that_is_only_observed_is_said_aloud(capsys: pytest.CaptureFixture[str]) -> None:
    application = {"id": "a", "name": "A", "purposes": ["p"]}
    modes = {"gdpr.transfer": "observe", "hds.control": "observe", "gdpr.training": "enforce"}
    organisation = {"id": "o", "name": "O", "kind": "private", "modes": modes, "applications": [application]}
    made(destinations={"base_urls": LOCAL}, organisations=[organisation])
    said = capsys.readouterr().err
    assert "WARNING: o: gdpr.transfer is law" in said
    assert "set to observe: it refuses nothing" in said
    assert "hds.control" not in said, "a house rule is the house's to lower"
    assert "gdpr.training" not in said


def test_a_snapshot_ends_on_the_day_from_which_a_rule_applies() -> None:
    """The duties of high-risk systems begin on 2 December 2027: a snapshot of the eve says nothing of that day."""
    ground = grounds(msgspec.convert({"destinations": {"base_urls": LOCAL}}, Settings))
    eve = build(ground, date(2027, 12, 1))
    assert eve.valid_until == start_of(date(2027, 12, 2))
    assert build(ground, date(2027, 12, 2)).valid_until > eve.valid_until


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("gdpr.procesor", "there is no rule 'gdpr.procesor'; did you mean 'gdpr.processor'?"),
        ("nothing", "there is no rule 'nothing' "),
        ("base.credential", "'base.credential' is of the hard floor"),
        ("base.contract", "'base.contract' permits"),
    ],
)
def test_a_mode_that_cannot_be_refuses_and_says_why(rule: str, says: str) -> None:
    application = {"id": "a", "name": "A", "purposes": ["p"]}
    modes = {rule: "observe"}
    organisation = {"id": "o", "name": "O", "kind": "private", "modes": modes, "applications": [application]}
    with pytest.raises(SettingsError, match=re.escape(says)):
        made(destinations={"base_urls": LOCAL}, organisations=[organisation])
