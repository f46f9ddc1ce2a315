"""The playground gives the verdict that the gateway would give, and shows what the mask would write."""

from pathlib import Path

import pytest

from ecluse.console.ground import Ground
from ecluse.console.trying import KINDS, supposed, try_text
from ecluse.domain.caller import AnalysisKind, Application, ApplicationId, CallerKind
from ecluse.domain.finding import DataClass
from ecluse.domain.request import Capability, Slot, SlotPath, Surface
from ecluse.domain.verdict import Permit
from ecluse.passage.classify import classify
from ecluse.passage.decide import decide, resolve
from ecluse.passage.question import Asked, question_of
from tests.console.world import ground

LETTER = "Je suis Mme Claire Martin, née le 12/03/1984. Mon adresse : claire.martin@exemple.fr. Claire Martin"


@pytest.fixture(scope="module")
def over(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return ground(tmp_path_factory.mktemp("trying") / "state")


@pytest.mark.parametrize("name", ["ministry-mail", "hospital-care", "region-mail", "bank-mail"])
def test_the_verdict_is_the_one_of_explain(over: Ground, name: str) -> None:
    application = over.base.applications[ApplicationId(name)]
    found = classify(over.snapshot.detector, (Slot(path=SlotPath("text"), text=LETTER),))
    question = question_of(application, Asked(), Surface.CHAT, found)
    candidates = resolve(over.snapshot, "auto", frozenset({Capability.CHAT}))
    (column,) = try_text(over, over.snapshot, LETTER, [(name, application)]).columns
    assert column.verdict == decide(over.snapshot, question, candidates, now=over.clock.now())


def test_the_pieces_make_up_the_text_and_the_masked_text_has_no_value(over: Ground) -> None:
    tried = try_text(over, over.snapshot, LETTER, [("region", caller(over, CallerKind.LOCAL_AUTHORITY))])
    assert "".join(piece.text for piece in tried.pieces) == LETTER
    masked = "".join(piece.text for piece in tried.masked)
    assert any(piece.surrogate for piece in tried.masked)
    assert not [value for value in ("Claire", "Martin", "exemple.fr", "1984") if value in masked]


def test_four_kinds_of_caller_stand_side_by_side(over: Ground) -> None:
    tried = try_text(over, over.snapshot, LETTER, [(kind, caller(over, kind)) for kind in KINDS])
    counts = {column.name: column.open for column in tried.columns}
    assert counts[CallerKind.PRIVATE] > counts[CallerKind.STATE_ADMINISTRATION] > 0


def test_what_is_declared_only_closes(over: Ground) -> None:
    plain = try_text(over, over.snapshot, LETTER, [("a", caller(over, CallerKind.STATE_ADMINISTRATION))])
    more = caller(over, CallerKind.STATE_ADMINISTRATION, frozenset({DataClass.SREN31}))
    declared = try_text(over, over.snapshot, LETTER, [("a", more)])
    assert declared.columns[0].open <= plain.columns[0].open


def test_a_lost_attestation_closes_what_stood_on_it(over: Ground) -> None:
    sensitive = caller(over, CallerKind.STATE_ADMINISTRATION, frozenset({DataClass.SREN31}))
    name = next(name for name, _, attestation in over.attestations() if attestation.scheme == "secnumcloud")
    lost = over.snapshot_on(over.today, frozenset({name}))
    before, after = (try_text(over, one, LETTER, [("a", sensitive)]).columns[0] for one in (over.snapshot, lost))
    snc = next(id_ for id_ in before.cells if "own-vm-snc" in id_)
    assert (before.cells[snc].way != "refused", after.cells[snc].way) == (True, "refused")
    assert isinstance(before.verdict, Permit)


def caller(over: Ground, kind: CallerKind, declared: frozenset[DataClass] = frozenset()) -> Application:
    analyses = frozenset({AnalysisKind.REGISTER_ENTRY, AnalysisKind.SREN31, AnalysisKind.MASKING_ASSESSMENT})
    return supposed(over, kind, analyses=analyses, declared=declared, care=True)


def test_the_trail_is_not_needed(over: Ground, tmp_path: Path) -> None:
    assert over.trail() is None
    assert not (tmp_path / "console.db").exists()
