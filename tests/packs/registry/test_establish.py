"""What is proven of a destination: only good facts open, an attestation has its days, nothing is inherited."""

from collections.abc import Set as AbstractSet
from datetime import date
from pathlib import Path

import pytest

from ecluse.domain.destination import Destination, DestinationId, Established
from ecluse.packs.registry import PackError, establish, load, next_boundary, place
from tests.packs.registry.written import API, IAAS, registry

E = Established
DAY = date(2026, 6, 1)
IN_EU = {E.PROCESSING_IN_EU, E.PROCESSING_IN_EEA, E.PROCESSING_IN_ADEQUATE}
QUALIFIED = IN_EU | {E.SECNUMCLOUD, E.EU_CONTROL}
MINE = {E.OPERATED_BY_CALLER, E.NO_TRAINING, E.NO_RETENTION}
OWN_VM = """
[[offers]]
id = "vm"
name = "A machine of one's own"
kind = "own_machine"
source = "read"

[[destinations]]
id = "acme/vm/m"
model = "m"
offer = "vm"
operated_by = "OPERATOR"
runs_on = "iaas"
dialect = "openai_chat"
wire_model = "m"
capabilities = ["chat"]
source = "read"
"""


def stand(folder: Path, *tables: str, day: date = DAY) -> Destination:
    return next(iter(establish(registry(folder, *tables), day).values()))


def established(folder: Path, *tables: str, day: date = DAY) -> AbstractSet[Established]:
    return stand(folder, *tables, day=day).established


def with_table(text: str) -> str:
    """Put a table into the offer of API."""
    return API.replace("\n[[destinations]]", f"\n{text}\n[[destinations]]")


def test_nothing_stated_means_nothing_established(tmp_path: Path) -> None:
    destination = stand(tmp_path, API)
    assert destination.established == set()
    assert destination.non_eu_share_max == 100


# ------------------------------------------------------------------ attestations
SECNUM = IAAS.split("\n\n", 1)[1]


@pytest.mark.parametrize(
    ("day", "valid"),
    [
        (date(2025, 5, 31), False),
        (date(2025, 6, 1), True),
        (date(2026, 11, 30), True),
        (date(2026, 12, 1), False),
        (date(2026, 12, 2), False),
    ],
)
def test_a_qualification_counts_from_its_first_day_until_its_last(day: date, valid: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a table's column
    assert (E.SECNUMCLOUD in established(tmp_path, with_table(SECNUM), day=day)) is valid


@pytest.mark.parametrize("lost", ["valid_from = 2025-06-01\n", "valid_until = 2026-12-01\n", 'scope = ["IaaS"]\n'])
def test_an_attestation_without_a_bound_or_a_scope_opens_nothing(lost: str, tmp_path: Path) -> None:
    assert lost in SECNUM
    assert established(tmp_path, with_table(SECNUM.replace(lost, ""))) == set()


@pytest.mark.parametrize("source", ["rumour", "memory"])
def test_an_attestation_that_nobody_is_sure_of_opens_nothing(source: str, tmp_path: Path) -> None:
    assert established(tmp_path, with_table(SECNUM.replace('"read"', f'"{source}"'))) == set()


def test_a_qualification_proves_the_union_and_its_control_for_that_offer(tmp_path: Path) -> None:
    destination = stand(tmp_path, with_table(SECNUM))
    assert destination.established == QUALIFIED
    assert destination.non_eu_share_max == 39


def test_only_the_second_hds_referential_counts(tmp_path: Path) -> None:
    hds = SECNUM.replace("secnumcloud", "hds").replace('["IaaS"]', '["1", "2", "3", "4", "5", "6"]')
    assert established(tmp_path, with_table(hds)) == set()
    assert established(tmp_path, with_table(hds.replace('"hds"', '"hds_v2"'))) == {E.HDS}


@pytest.mark.parametrize(("operator", "inherits"), [("caller", True), ("provider", False), ("managed", False)])
def test_a_qualification_passes_only_to_what_the_caller_runs(operator: str, inherits: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a table's column
    address = "" if operator == "caller" else 'base_url = "https://vm.example.org/v1"\n'
    kind = "own_machine" if operator == "caller" else "model_api"
    text = OWN_VM.replace("OPERATOR", operator).replace("dialect", f"{address}dialect").replace("own_machine", kind)
    assert established(tmp_path, IAAS, text) == (QUALIFIED | MINE if inherits else set())


def test_a_qualified_platform_does_not_qualify_a_machine(tmp_path: Path) -> None:
    text = OWN_VM.replace("OPERATOR", "caller")
    assert established(tmp_path, IAAS.replace('["IaaS"]', '["SaaS"]'), text) == MINE


# ------------------------------------------------------------------ scope and terms
SCOPE = '[offers.scope]\nprocessing = "{}"\nstorage = "{}"\nsource = "{}"\n'


@pytest.mark.parametrize(
    ("processing", "storage", "source", "proven"),
    [
        ("eu", "eu", "read", IN_EU),
        ("eea", "eu", "read", IN_EU - {E.PROCESSING_IN_EU}),
        ("eu", "eea", "read", IN_EU - {E.PROCESSING_IN_EU}),
        ("eu", "unknown", "read", set()),
        ("world", "eu", "read", set()),
        ("unknown", "eu", "read", set()),
        ("eea_adequate", "eu", "read", set()),
        ("eu", "eu", "rumour", set()),
        ("eu", "eu", "memory", set()),
    ],
)
def test_a_place_is_as_wide_as_its_widest_part(
    processing: str, storage: str, source: str, proven: set[Established], tmp_path: Path
) -> None:
    assert established(tmp_path, with_table(SCOPE.format(processing, storage, source))) == proven


def test_where_nothing_is_kept_only_processing_counts(tmp_path: Path) -> None:
    terms = '[offers.terms]\nretention_days = 0\nsource = "read"\n'
    table = SCOPE.format("eu", "unknown", "read") + terms
    assert established(tmp_path, with_table(table)) == IN_EU | {E.NO_RETENTION}


@pytest.mark.parametrize("source", ["rumour", "memory"])
def test_that_nothing_is_kept_opens_no_place_when_nobody_is_sure_of_it(source: str, tmp_path: Path) -> None:
    terms = f'[offers.terms]\nretention_days = 0\nsource = "{source}"\n'
    assert established(tmp_path, with_table(SCOPE.format("eu", "unknown", "read") + terms)) == set()


ADEQUATE = '[[adequacy]]\ncountry = "CH"\nvalid_from = 2026-01-01\nvalid_until = 2026-09-01\nsource = "{}"\n'


@pytest.mark.parametrize(
    ("countries", "source", "day", "proven"),
    [
        ('["CH"]', "read", DAY, {E.PROCESSING_IN_ADEQUATE}),
        ('["CH", "NO"]', "read", DAY, {E.PROCESSING_IN_ADEQUATE}),
        ('["CH", "US"]', "read", DAY, set()),
        ('["NO"]', "read", DAY, set()),
        ('["CH"]', "rumour", DAY, set()),
        ('["CH"]', "read", date(2025, 12, 31), set()),
        ('["CH"]', "read", date(2026, 9, 1), set()),
    ],
)
def test_an_adequate_country_is_named_and_decided_today(
    countries: str, source: str, day: date, proven: set[Established], tmp_path: Path
) -> None:
    scope = SCOPE.format("eea_adequate", "eea_adequate", "read") + f"countries = {countries}\n"
    assert established(tmp_path, with_table(scope), ADEQUATE.format(source), day=day) == proven


@pytest.mark.parametrize(
    ("terms", "proven"),
    [
        ('trains_on_input = "no"\nsource = "read"', {E.NO_TRAINING}),
        ('trains_on_input = "unknown"\nsource = "read"', set()),
        ('trains_on_input = "yes"\nsource = "read"', set()),
        ('retention_days = 0\nsource = "read"', {E.NO_RETENTION}),
        ('retention_days = 14\nsource = "read"', set()),
        ('source = "read"', set()),
        ('trains_on_input = "no"\nretention_days = 0\nsource = "rumour"', set()),
        ('trains_on_input = "no"\nretention_days = 0\nsource = "memory"', set()),
    ],
)
def test_terms_count_when_they_are_known(terms: str, proven: set[Established], tmp_path: Path) -> None:
    assert established(tmp_path, with_table(f"[offers.terms]\n{terms}\n")) == proven


@pytest.mark.parametrize(("source", "proven"), [("read", {E.TRANSFER_TOOL}), ("rumour", set())])
def test_a_transfer_tool_counts_when_it_was_read(source: str, proven: set[Established], tmp_path: Path) -> None:
    tool = f'[offers.transfer_tool]\ntool = "standard clauses"\nsource = "{source}"\n'
    assert established(tmp_path, with_table(tool)) == proven


# ------------------------------------------------------------------ places, boundaries
def test_a_place_has_the_facts_of_its_offer(tmp_path: Path) -> None:
    known = registry(tmp_path, IAAS)
    found = place(known, "iaas", "stores", DAY)
    assert found.established == QUALIFIED | {E.OPERATED_BY_CALLER}
    assert (found.role, found.non_eu_share_max) == ("stores", 39)
    assert found.facts["secnumcloud"] == "decision 1, until 2026-12-01"
    assert place(known, "iaas", "stores", date(2026, 12, 1)).established == {E.OPERATED_BY_CALLER}


def test_a_region_counts_only_where_it_can_be_chosen(tmp_path: Path) -> None:
    plain = IAAS.split("\n\n", maxsplit=1)[0]
    assert place(registry(tmp_path, plain), "iaas", "runs", DAY, "FR").established == {E.OPERATED_BY_CALLER}
    chosen = registry(tmp_path, f"{plain}\nregion_chosen = true\n")
    assert place(chosen, "iaas", "runs", DAY, "FR").established == IN_EU | {E.OPERATED_BY_CALLER}
    assert place(chosen, "iaas", "runs", DAY).established == {E.OPERATED_BY_CALLER}


def test_own_premises_are_where_the_owner_says(tmp_path: Path) -> None:
    known = registry(tmp_path, API, ADEQUATE.format("read"))
    mine = {E.OPERATED_BY_CALLER, E.ON_OWN_PREMISES}
    stated = {country: place(known, "own_premises", "runs", DAY, country) for country in ("FR", "NO", "CH", "US", None)}
    assert {country: found.established - mine for country, found in stated.items()} == {
        "FR": IN_EU,
        "NO": IN_EU - {E.PROCESSING_IN_EU},
        "CH": {E.PROCESSING_IN_ADEQUATE},
        "US": set(),
        None: set(),
    }
    assert all(found.established >= mine and found.non_eu_share_max == 0 for found in stated.values())


@pytest.mark.parametrize("name", ["nowhere", "api", ""])
def test_of_an_unknown_place_nothing_is_established(name: str, tmp_path: Path) -> None:
    found = place(registry(tmp_path, API), name, "runs", DAY, "FR")
    assert (found.established, found.non_eu_share_max) == (frozenset(), 100)


def test_a_country_that_does_not_exist_refuses(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no country `XX`"):
        place(registry(tmp_path, API), "own_premises", "runs", DAY, "XX")


def test_the_next_boundary_is_the_first_day_on_which_a_fact_changes(tmp_path: Path) -> None:
    known = registry(tmp_path, IAAS, ADEQUATE.format("read"))
    days = [date(2025, 1, 1), date(2025, 6, 1), date(2026, 1, 1), date(2026, 9, 1), date(2026, 12, 1)]
    assert [next_boundary(known, day) for day in days] == [*days[1:], None]


def test_between_two_boundaries_nothing_changes() -> None:
    known = load()
    day = date(2026, 11, 24)
    end = next_boundary(known, day)
    assert end == date(2026, 11, 30)
    assert establish(known, day) == establish(known, date(2026, 11, 29))
    changed = DestinationId("outscale/own-vm/mistral-small-4")
    lost = establish(known, day)[changed].established - establish(known, end)[changed].established
    assert lost == {E.SECNUMCLOUD, E.EU_CONTROL}
