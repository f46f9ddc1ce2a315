"""HDS activities: a certificate counts for what its holder does, a contract for what the application needs."""

from datetime import date
from pathlib import Path

import pytest

from ecluse.cli.facts import graph_of, perimeters_of, record_of
from ecluse.domain.caller import (
    HDS_ACTIVITIES,
    Analysis,
    AnalysisKind,
    Application,
    ApplicationId,
    CallerKind,
    Organisation,
    OrganisationId,
    Purpose,
)
from ecluse.domain.destination import Established
from ecluse.packs.registry import PackError, establish, place
from ecluse.prove.grounds import ungrounded
from tests.packs.registry.test_establish import DAY, OWN_VM, SECNUM, established, with_table
from tests.packs.registry.written import API, IAAS, registry

HOSTED = Established.HDS
NOTHING_KEPT = '[offers.terms]\nretention_days = 0\nsource = "read"\n'


def certificate(text: str, *activities: int) -> str:
    named = ", ".join(f'"{one}"' for one in activities)
    return text.replace('"secnumcloud"', '"hds_v2"').replace('scope = ["IaaS"]', f"scope = [{named}]" if named else "")


@pytest.mark.parametrize(
    ("activities", "keeps", "counts"),
    [
        ((1, 2, 3, 4, 5, 6), True, True),
        ((1, 2, 3, 4, 5), True, False),  # what is kept is backed up, as far as anybody knows
        ((1, 2, 3, 4, 5), False, True),
        ((1, 2, 3, 4), False, False),  # who runs the model operates what has the data
        ((), False, False),  # nothing was read: unknown opens nothing
    ],
)
def test_whoever_runs_a_model_needs_the_activities_of_operation(
    tmp_path: Path, activities: tuple[int, ...], *, keeps: bool, counts: bool
) -> None:
    terms = "" if keeps else NOTHING_KEPT
    found = established(tmp_path, with_table(terms + certificate(SECNUM, *activities)))
    assert (HOSTED in found) is counts


@pytest.mark.parametrize(("activities", "counts"), [((1, 2, 3), True), ((1, 2), False), ((4, 5, 6), False)])
def test_whoever_lends_a_machine_needs_those_of_machines(
    tmp_path: Path, activities: tuple[int, ...], *, counts: bool
) -> None:
    own = OWN_VM.replace("OPERATOR", "caller")
    assert (HOSTED in established(tmp_path, certificate(IAAS, *activities), own)) is counts


def test_a_place_of_backups_needs_the_activity_of_backup(tmp_path: Path) -> None:
    known = registry(tmp_path, certificate(IAAS, 1, 2, 3), API)
    assert HOSTED in place(known, "iaas", "stores", DAY).established
    assert HOSTED not in place(known, "iaas", "backs_up", DAY).established


def test_what_is_established_has_its_ground_drawn_apart(tmp_path: Path) -> None:
    for number, activities in enumerate([(1, 2, 3), (1, 2), (1, 2, 3, 4, 5, 6)]):
        folder = tmp_path / str(number)
        folder.mkdir()
        known = registry(folder, certificate(IAAS, *activities), OWN_VM.replace("OPERATOR", "caller"))
        graph, perimeters = graph_of(known), perimeters_of(known, DAY)
        for one in establish(known, DAY).values():
            assert [f.fact for f in ungrounded(one, record_of(known, one), graph, perimeters, DAY)] == []


def test_a_certificate_of_no_activity_refuses_to_load(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r'write the activities that it names, 1 to 6: scope = \["1", "2"\]'):
        registry(tmp_path, IAAS.replace('"secnumcloud"', '"hds_v2"'), API)


# ------------------------------------------------------------------ the contract
def on_record(needs: set[int], names: set[int]) -> bool:
    application = Application(
        id=ApplicationId("ward"),
        organisation=Organisation(id=OrganisationId("h"), name="H", kind=CallerKind.HEALTH_ESTABLISHMENT),
        name="Ward",
        purposes=(Purpose("care"),),
        care=True,
        hds_activities=frozenset(needs),
        analyses=(Analysis(kind=AnalysisKind.HDS_CONTRACT, reference="C-1", activities=frozenset(names)),),
    )
    return AnalysisKind.HDS_CONTRACT in application.on_record(date(2026, 11, 24))


def test_a_contract_counts_when_it_names_every_activity_that_the_application_needs() -> None:
    assert on_record({1, 2, 3}, {1, 2, 3, 6})
    assert not on_record({1, 2, 3}, {1, 2})
    assert not on_record(set(HDS_ACTIVITIES), set())  # a contract of unknown activities covers nothing


@pytest.mark.parametrize("needs", [set[int](), {7}])
def test_an_application_that_needs_no_activity_or_an_unknown_one_refuses(needs: set[int]) -> None:
    with pytest.raises(ValueError, match="hds_activities are among 1 to 6"):
        on_record(needs, {1})
