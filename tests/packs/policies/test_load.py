"""The text of the rules: read whole, from the built-in folder and an organisation's own."""

from pathlib import Path

import pytest

from ecluse.packs import policies
from ecluse.packs.errors import PackError

PACKS = {
    "ai_act", "base", "cloud_au_centre", "diffusion_restreinte", "dora", "ec_sovereignty", "gdpr_transfers", "hds",
    "neutrality", "state_agents",
}  # fmt: skip


def test_the_packs_that_come_with_ecluse() -> None:
    sources = policies.load()
    assert set(sources.policies) == PACKS
    assert "entity DataClass enum" in sources.schema


def test_an_organisation_adds_its_own(tmp_path: Path) -> None:
    (tmp_path / "ours.cedar").write_text("// nothing yet", encoding="utf-8")
    assert set(policies.load(tmp_path).policies) == PACKS | {"ours"}


def test_a_pack_that_takes_the_name_of_another_refuses_to_load(tmp_path: Path) -> None:
    (tmp_path / "base.cedar").write_text("permit (principal, action, resource);", encoding="utf-8")
    with pytest.raises(PackError, match=r"base\.cedar: a pack of this name"):
        policies.load(tmp_path)


def test_what_is_no_text_refuses_to_load(tmp_path: Path) -> None:
    (tmp_path / "ours.cedar").write_bytes(b"\xff")
    with pytest.raises(PackError, match=r"ours\.cedar: cannot be read"):
        policies.load(tmp_path)
