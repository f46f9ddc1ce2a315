"""What may be held from outside the Union: unknown is everything, good facts lower it, bad facts raise it always."""

from pathlib import Path

import pytest

from ecluse.domain.party import EntityId
from ecluse.packs.errors import PackError
from ecluse.packs.registry.ownership import eu_controlled, non_eu_share_max
from tests.packs.registry.written import registry

ACME = EntityId("acme")


def entity(name: str, seat: str, kind: str = "company", source: str = "read") -> str:
    return f'[[entities]]\nid = "{name}"\nname = "{name}"\nkind = "{kind}"\nseat = "{seat}"\nsource = "{source}"\n'


def stake(holder: str, held: str, low: float, high: float = 100, kind: str = "equity", source: str = "read") -> str:
    bounds = f"low = {float(low)}\nhigh = {float(high)}\n"
    return f'[[stakes]]\nholder = "{holder}"\nheld = "{held}"\nkind = "{kind}"\n{bounds}source = "{source}"\n'


FOUNDER = entity("founder", "FR", "person")
ABROAD = entity("abroad", "US")


@pytest.mark.parametrize(
    ("facts", "share", "controlled"),
    [
        pytest.param("", 100, False, id="nothing is known"),
        pytest.param(FOUNDER + stake("founder", "acme", 80), 20, True, id="a person of the Union holds most"),
        pytest.param(FOUNDER + stake("founder", "acme", 76), 24, True, id="at the bound of one holder"),
        pytest.param(FOUNDER + stake("founder", "acme", 75.9), 25, False, id="beyond it"),
        pytest.param(FOUNDER + stake("founder", "acme", 80, source="rumour"), 100, False, id="nobody is sure"),
        pytest.param(FOUNDER + stake("founder", "acme", 80, source="memory"), 100, False, id="nothing was opened"),
        pytest.param(
            entity("founder", "FR", "person", "memory") + stake("founder", "acme", 80),
            100,
            False,
            id="a seat by memory",
        ),
        pytest.param(ABROAD + stake("abroad", "acme", 80), 100, False, id="held from outside"),
        pytest.param(entity("swiss", "CH") + stake("swiss", "acme", 99), 100, False, id="Switzerland is outside"),
        pytest.param(
            entity("fund", "NL") + stake("fund", "acme", 90), 100, False, id="a company whose own holders are unknown"
        ),
        pytest.param(
            FOUNDER + entity("group", "FR") + stake("founder", "group", 90) + stake("group", "acme", 90),
            19,
            True,
            id="along a chain, 0.9 x 0.9",
        ),
        pytest.param(
            FOUNDER + stake("founder", "acme", 90) + stake("founder", "acme", 60, kind="votes"),
            40,
            False,
            id="votes count apart",
        ),
        pytest.param(
            FOUNDER + ABROAD + stake("founder", "acme", 80) + stake("abroad", "acme", 0, 3, kind="convertible"),
            23,
            True,
            id="a convertible may become shares",
        ),
        pytest.param(
            FOUNDER
            + ABROAD
            + stake("founder", "acme", 80)
            + stake("abroad", "acme", 0, 5, kind="convertible", source="rumour"),
            25,
            False,
            id="a convertible counts though nobody is sure",
        ),
        pytest.param(
            FOUNDER + ABROAD + stake("founder", "acme", 90) + stake("abroad", "acme", 0, 0, "sub_processor", "rumour"),
            10,
            False,
            id="a sub-processor from outside",
        ),
        pytest.param(
            FOUNDER
            + ABROAD
            + entity("arm", "IE")
            + stake("abroad", "arm", 100)
            + stake("founder", "acme", 80)
            + stake("arm", "acme", 0, 5, kind="convertible"),
            25,
            False,
            id="a convertible of a company inside that is held from outside",
        ),
        pytest.param(
            FOUNDER + stake("founder", "acme", 80) + stake("founder", "acme", 0, 5, kind="convertible"),
            20,
            True,
            id="a convertible of a person of the Union dilutes nothing",
        ),
        pytest.param(
            FOUNDER
            + ABROAD
            + entity("arm", "LU")
            + stake("abroad", "arm", 100)
            + stake("founder", "acme", 90)
            + stake("arm", "acme", 0, 0, "sub_processor"),
            10,
            False,
            id="a sub-processor inside that is held from outside",
        ),
        pytest.param(
            FOUNDER
            + entity("host", "FR")
            + stake("founder", "acme", 90)
            + stake("host", "acme", 0, 0, "sub_processor"),
            10,
            False,
            id="a sub-processor inside of which nobody published who holds it",
        ),
        pytest.param(
            FOUNDER
            + entity("host", "FR")
            + stake("founder", "host", 100)
            + stake("founder", "acme", 90)
            + stake("host", "acme", 0, 0, "sub_processor"),
            10,
            True,
            id="a sub-processor inside that a person of the Union holds",
        ),
        pytest.param(
            FOUNDER + ABROAD + stake("founder", "acme", 90) + stake("abroad", "acme", 0, 10, "board", "rumour"),
            10,
            False,
            id="a right over the board from outside",
        ),
        pytest.param(
            FOUNDER + stake("founder", "acme", 90) + stake("founder", "acme", 0, 0, "board"),
            10,
            True,
            id="a right over the board from inside",
        ),
        pytest.param(
            FOUNDER + ABROAD + stake("founder", "acme", 90) + stake("abroad", "acme", 0, 0, "technology_licence"),
            10,
            True,
            id="a licence is a dependency, not control",
        ),
        pytest.param(
            entity("group", "FR") + stake("group", "acme", 100) + stake("acme", "group", 100),
            100,
            False,
            id="two that hold each other",
        ),
    ],
)
def test_the_upper_bound_is_the_worst_that_the_facts_allow(
    facts: str,
    share: int,
    controlled: bool,  # noqa: FBT001 - a table's column
    tmp_path: Path,
) -> None:
    known = registry(tmp_path, facts)
    assert non_eu_share_max(known, ACME) == share
    assert eu_controlled(known, ACME) is controlled


def test_a_public_body_is_held_by_nobody(tmp_path: Path) -> None:
    known = registry(tmp_path, entity("state", "FR", "public_body"), entity("other", "US", "public_body"))
    assert non_eu_share_max(known, EntityId("state")) == 0
    assert eu_controlled(known, EntityId("state"))
    assert non_eu_share_max(known, EntityId("other")) == 100
    assert not eu_controlled(known, EntityId("other"))


def test_who_is_unknown_is_controlled_by_nobody_in_the_union(tmp_path: Path) -> None:
    known = registry(tmp_path)
    assert non_eu_share_max(known, None) == 100
    assert not eu_controlled(known, None)


@pytest.mark.parametrize("kind", ["equity", "votes"])
def test_holders_who_have_more_than_the_whole_together_refuse_the_record(tmp_path: Path, kind: str) -> None:
    facts = FOUNDER + ABROAD + stake("founder", "acme", 80, kind=kind) + stake("abroad", "acme", 60, kind=kind)
    with pytest.raises(PackError, match=r"adds up to 140 % .*abroad 60, founder 80"):
        registry(tmp_path, facts)


def test_shares_that_were_rounded_may_add_up_to_little_more_than_the_whole(tmp_path: Path) -> None:
    facts = FOUNDER + ABROAD + stake("founder", "acme", 66.7) + stake("abroad", "acme", 33.4)
    assert non_eu_share_max(registry(tmp_path, facts), ACME) == 34


@pytest.mark.parametrize("kind", ["equity", "votes"])
def test_companies_that_hold_each_other_are_held_from_nowhere_known(tmp_path: Path, kind: str) -> None:
    facts = entity("twin", "FR") + stake("twin", "acme", 100, kind=kind) + stake("acme", "twin", 100, kind=kind)
    assert non_eu_share_max(registry(tmp_path, facts), ACME) == 100
