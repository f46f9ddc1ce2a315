"""Facts as a signed file, what differs between two states of them, and what the calendar will change."""

import json
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli.main import app
from ecluse.edge.config import SettingsError
from ecluse.edge.facts import registry_of
from ecluse.edge.ground_settings import FactSettings
from ecluse.packs.registry import BUILT_IN
from tests.cli.test_drill import SETTINGS

DAY = "2026-11-25"
OUTSCALE = "outscale/own-vm/mistral-small-4"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["registry", *map(str, arguments)])


def told(code: int, *arguments: str | Path) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    path = tmp_path / "facts.json"
    assert run("export", path, "--made", DAY).exit_code == 0
    return path


@pytest.fixture
def vkey(pack: Path) -> str:
    return signed(pack)


def signed(pack: Path, key: str = "key") -> str:
    result = run("sign", pack, "--key", pack.parent / key, "--name", "ministry")
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def renewed(tmp_path: Path) -> Path:
    """Copy the facts, with a qualification that was renewed for a year."""
    folder = tmp_path / "renewed"
    folder.mkdir()
    for path in BUILT_IN.glob("*.toml"):
        shutil.copy(path, folder)
    file = folder / "outscale.toml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("2026-11-30\nscope", "2027-11-30\nscope"), encoding="utf-8"
    )
    return folder


# ------------------------------------------------------------------ packs
def test_the_same_facts_give_the_same_bytes(pack: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.json"
    assert run("export", again, "--made", DAY).exit_code == 0
    assert again.read_bytes() == pack.read_bytes()


def test_a_signed_pack_verifies_and_a_gateway_decides_on_it(pack: Path, vkey: str) -> None:
    assert told(0, "verify", pack, "--vkey", vkey) == {"holds": True, "made": DAY}
    shipped = registry_of(FactSettings())
    assert registry_of(FactSettings(pack=str(pack), signers=[vkey])) == shipped


def test_the_private_key_is_its_owner_s_alone_and_one_that_others_read_is_refused(pack: Path, vkey: str) -> None:
    key = pack.parent / "key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    key.chmod(0o644)
    assert run("sign", pack, "--key", key).exit_code == 2
    assert key.read_text(encoding="utf-8").split()[1] not in vkey


def test_a_changed_pack_or_another_s_key_is_refused(pack: Path, vkey: str) -> None:
    other = pack.parent / "other.json"
    shutil.copy(pack, other)
    stranger = signed(other, "stranger")
    assert run("verify", pack, "--vkey", stranger).exit_code == 1
    with pytest.raises(SettingsError, match="no signature"):
        registry_of(FactSettings(pack=str(pack), signers=[stranger]))
    pack.write_bytes(pack.read_bytes().replace(b"2026-11-30", b"2036-11-30"))
    assert run("verify", pack, "--vkey", vkey).exit_code == 1
    with pytest.raises(SettingsError, match="no signature"):
        registry_of(FactSettings(pack=str(pack), signers=[vkey]))


def test_a_file_that_is_not_there_refuses_and_says_what_to_do(pack: Path, tmp_path: Path) -> None:
    away = tmp_path / "no" / "facts.json"
    unsigned = run("verify", pack, "--vkey", "any")
    assert (unsigned.exit_code, "is not signed" in unsigned.stderr) == (1, True)
    assert "registry sign" in unsigned.stderr
    cases = (("verify", away, "--vkey", "any"), ("sign", away, "--key", tmp_path / "k"), ("export", away))
    for arguments in cases:
        told_ = run(*arguments)
        assert (told_.exit_code, "Errno" in told_.stderr) == (2, False)
        assert str(away) in told_.stderr


def test_a_pack_without_signers_or_signature_is_refused(pack: Path) -> None:
    with pytest.raises(SettingsError, match=r"facts\.signers"):
        registry_of(FactSettings(pack=str(pack)))
    with pytest.raises(SettingsError, match="must be there"):
        registry_of(FactSettings(pack=str(pack), signers=["any"]))


def test_a_pack_older_than_what_is_shipped_is_refused(tmp_path: Path) -> None:
    old = tmp_path / "old.json"
    assert run("export", old, "--made", "2020-01-01").exit_code == 0
    with pytest.raises(SettingsError, match="before the facts that are shipped"):
        registry_of(FactSettings(pack=str(old), signers=[signed(old)]))


def test_facts_of_ones_own_alone_are_no_pack_and_are_looked_at_over_the_shipped_ones(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    text = '[[attestations]]\noffer = "ovh_ai_endpoints"\nscheme = "c5"\nreference = "ours"\nsource = "ours"\n'
    source = (
        '[[sources]]\nid = "ours"\ntitle = "T"\nurl = "https://x.example"\nas_of = 2026-11-24\nconfidence = "high"\n'
    )
    (folder / "own.toml").write_text(f'{source}kind = "primary"\n{text}', encoding="utf-8")
    refused = run("export", tmp_path / "own.json", "--registry", folder)
    assert (refused.exit_code, "facts.folders" in refused.stderr) == (2, True)
    found = run("diff", "shipped", folder)
    assert (found.exit_code, "ours" in found.stdout) == (1, True)


@pytest.mark.parametrize("text", ["", "{}", '{"format": "ecluse-facts/2", "made": "2026-11-24", "files": {}}'])
def test_a_file_that_is_no_pack_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "none.json"
    file.write_text(text, encoding="utf-8")
    assert run("list", "--registry", file).exit_code == 2


# ------------------------------------------------------------------ facts of one's own
def own(tmp_path: Path, text: str) -> FactSettings:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "own.toml").write_text(text, encoding="utf-8")
    return FactSettings(folders=[str(folder)])


OWN = """
[[sources]]
id = "our_audit"
title = "Audit report 2026-17"
url = "https://intranet.example/audit.pdf"
as_of = 2026-11-01
confidence = "high"
kind = "primary"

[[entities]]
id = "outscale"
name = "Outscale SAS, as audited"
seat = "FR"
source = "our_audit"
"""


def test_a_fact_of_one_s_own_replaces_the_shipped_one_with_its_own_source(tmp_path: Path) -> None:
    known = registry_of(own(tmp_path, OWN)).entities
    entity = next(one for one in known.values() if one.id == "outscale")
    assert (entity.name, entity.source.title) == ("Outscale SAS, as audited", "Audit report 2026-17")
    assert known.keys() == registry_of(FactSettings()).entities.keys()


def test_a_fact_of_one_s_own_without_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="source"):
        registry_of(own(tmp_path, OWN.replace('source = "our_audit"', "")))


def test_two_facts_of_one_s_own_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    settings = own(tmp_path, OWN)
    (tmp_path / "own" / "other.toml").write_text(OWN.replace("as audited", "otherwise"), encoding="utf-8")
    with pytest.raises(ValueError, match="contradicts"):
        registry_of(settings)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no folder"):
        registry_of(FactSettings(folders=[str(tmp_path / "none")]))


# ------------------------------------------------------------------ changes
def test_a_renewal_is_one_fact_and_what_it_opens_again(tmp_path: Path) -> None:
    folder = renewed(tmp_path)
    document = told(1, "diff", "shipped", folder, "--date", "2026-12-01")
    assert [(one["kind"], one["name"]) for one in document["changes"]] == [("offer", "outscale_iaas")]
    (shift,) = document["shifts"]
    assert (shift["destination"], shift["lost"]) == (OUTSCALE, [])
    assert "secnumcloud" in shift["gained"]
    shown = run("diff", "shipped", folder, "--date", "2026-12-01").stdout
    assert "- offer.attestations[0].valid_until: 2026-11-30" in shown


def test_the_same_facts_do_not_differ(pack: Path) -> None:
    assert told(0, "diff", "shipped", pack, "--date", DAY) == {"date": DAY, "changes": [], "shifts": []}


def test_the_calendar_names_the_day_and_the_application_that_loses(tmp_path: Path) -> None:
    config = tmp_path / "ecluse.toml"
    config.write_text(SETTINGS, encoding="utf-8")
    document = told(1, "watch", "--config", config, "--date", DAY, "--days", "10")
    (ahead,) = [one for one in document["ahead"] if one["shifts"]]
    assert (ahead["on"], ahead["lost"]) == ("2026-11-30", ["crisis"])
    assert told(0, "watch", "--date", DAY, "--days", "3")["ahead"] == []
