"""Who can compel whom by which path; what is in no source is never a no."""

from datetime import date

import pytest

from ecluse.cli.facts import graph_of, parties_of
from ecluse.domain.destination import DestinationId
from ecluse.domain.party import EntityId, Jurisdiction, LegalRegime, StakeKind
from ecluse.prove.drawing import draw, drawn
from ecluse.prove.exposure import Exposure, Party, Reach, Role, Status, expose
from ecluse.prove.exposure_words import lines, told_exposure
from ecluse.prove.holding import Graph
from tests.prove.prove_world import TODAY, registry
from tests.prove.test_holding import READ, graph, stake

A, B, C, D = Reach.CONTROL, Reach.SHARES, Reach.TECHNOLOGY, Reach.SUBSIDIARIES


def of(seen: Graph, name: str = "acme", proof: str | None = None, today: date = TODAY) -> Exposure:
    return expose(seen, [Party(entity=EntityId(name), role=Role.SUBJECT, proof=proof)], today)


def of_destination(id_: str, today: date = TODAY) -> Exposure:
    known = registry()
    return expose(graph_of(known), parties_of(known, known.destinations[DestinationId(id_)], today), today)


def third(found: Exposure) -> set[str]:
    return {c.country for c in found.compelled_by if not c.inside and c.certain}


# ------------------------------------------------------------------ small graphs
def test_a_controlling_holder_from_outside_compels_through_a_company_inside() -> None:
    found = of(graph([stake("group", "acme", 100), stake("us", "group", 60)]))
    assert found.status(A) is Status.ESTABLISHED
    assert third(found) == {"US"}
    (path,) = found.findings[0].paths
    assert [s.holder for s in path.stakes] == ["group", "us"]


def test_a_small_holder_compels_nobody() -> None:
    found = of(graph([stake("founder", "acme", 90), stake("us", "acme", 10)]))
    assert found.status(A) is Status.NONE_ON_RECORD
    assert third(found) == set()


def test_a_holder_that_may_control_is_possible_and_not_certain() -> None:
    found = of(graph([stake("us", "acme", 30, 60), stake("founder", "acme", 40)]))
    assert found.status(A) is Status.POSSIBLE
    assert [(c.country, c.certain) for c in found.compelled_by if not c.inside] == [("US", False)]


def test_what_nobody_published_is_possible() -> None:
    found = of(graph([stake("founder", "acme", 30)]))
    assert found.status(A) is Status.POSSIBLE
    assert found.findings[0].paths[0].rest == 70


def test_a_sub_processor_counts_and_a_licence_is_a_dependency() -> None:
    held = stake("founder", "acme", 90)
    found = of(graph([held, stake("us", "acme", 0, 0, StakeKind.SUB_PROCESSOR)]))
    assert found.status(A) is Status.ESTABLISHED
    found = of(graph([held, stake("us", "acme", 0, 0, StakeKind.TECHNOLOGY_LICENCE)]))
    assert (found.status(A), found.status(C)) == (Status.NONE_ON_RECORD, Status.ESTABLISHED)
    assert third(found) == set()


def test_a_sub_processor_inside_whose_holder_is_outside_counts_too() -> None:
    stakes = [
        stake("founder", "acme", 90),
        stake("group", "acme", 0, 0, StakeKind.SUB_PROCESSOR),
        stake("us", "group", 100),
    ]
    assert of(graph(stakes)).status(A) is Status.ESTABLISHED


def test_a_qualification_excludes_what_is_possible_and_not_what_is_established() -> None:
    assert of(graph([]), proof="decision 1").status(A) is Status.EXCLUDED
    outside = graph([stake("us", "acme", 100)])
    assert of(outside, proof="decision 1").status(A) is Status.ESTABLISHED


def test_a_subsidiary_abroad_is_told_and_decides_nothing() -> None:
    """Class D is asked of every provider alike, or unknown for all."""
    with_one = of(graph([stake("founder", "acme", 100), stake("acme", "us", 100)]))
    without = of(graph([stake("founder", "acme", 100)]))
    assert with_one.status(D) is without.status(D) is Status.UNKNOWN
    assert [path.end for path in with_one.findings[3].paths] == ["us"]
    assert third(with_one) == set()


def test_past_its_review_a_text_counts_as_in_force() -> None:
    seen = graph([stake("us", "acme", 100)])
    regime = LegalRegime(
        id="fisa", jurisdiction=Jurisdiction(code="US"), text="A text.", review_by=date(2027, 3, 31), source=READ
    )
    seen = Graph(entities=seen.entities, stakes=seen.stakes, unheld=seen.unheld, union=seen.union, regimes=(regime,))
    before, after = (of(seen, today=day).compelled_by[0].texts[0] for day in (TODAY, date(2028, 1, 1)))
    assert (before.overdue, after.overdue) == (False, True)
    assert before.regime is after.regime


def test_companies_that_hold_each_other_end() -> None:
    assert of(graph([stake("group", "acme", 100), stake("acme", "group", 100)])).compelled_by


# ------------------------------------------------------------------ the shipped registry
@pytest.mark.parametrize(
    ("id_", "a", "b", "compels"),
    [
        ("azure/data-zone-eu/gpt-5.4", Status.ESTABLISHED, Status.ESTABLISHED, {"US"}),
        ("openai/eu/gpt-5.4", Status.ESTABLISHED, Status.ESTABLISHED, {"US"}),
        ("deepseek/api/deepseek-v4.1-flash", Status.ESTABLISHED, Status.ESTABLISHED, {"CN"}),
        ("mistral/eu/mistral-large-3", Status.ESTABLISHED, Status.POSSIBLE, {"US"}),
        ("scaleway/generative-apis/gpt-oss-120b", Status.NONE_ON_RECORD, Status.NONE_ON_RECORD, set()),
        ("ovhcloud/own-vm-snc/mistral-small-4", Status.EXCLUDED, Status.EXCLUDED, set()),
        ("outscale/own-vm/mistral-small-4", Status.EXCLUDED, Status.EXCLUDED, set()),
        ("ionos/model-hub/gpt-oss-120b", Status.POSSIBLE, Status.POSSIBLE, set()),
    ],
)
def test_a_shipped_destination(id_: str, a: Status, b: Status, compels: set[str]) -> None:
    found = of_destination(id_)
    assert (found.status(A), found.status(B), third(found)) == (a, b, compels)


def test_a_qualification_that_ended_excludes_nothing_any_more() -> None:
    id_ = "outscale/own-vm/mistral-small-4"
    assert of_destination(id_, date(2026, 11, 29)).status(A) is Status.EXCLUDED
    assert of_destination(id_, date(2026, 11, 30)).status(A) is Status.POSSIBLE


def test_albert_is_judged_by_what_it_runs_on_and_inherits_no_proof() -> None:
    found = of_destination("albert/state/mistral-small-3.2")
    assert [(party.entity, party.role, party.proof) for party in found.parties] == [
        ("dinum", Role.OPERATES, None), ("outscale", Role.HOSTS, None),
    ]  # fmt: skip
    assert found.status(A) is Status.POSSIBLE


def test_on_own_premises_nobody_stands_between() -> None:
    found = of_destination("self_hosted/own_premises/smollm2-135m")
    assert (found.parties, found.compelled_by) == ((), ())
    assert "nobody" in lines(told_exposure(found, graph_of(registry()), "en"), "en")[0].lower()


def test_class_d_is_unknown_of_every_provider() -> None:
    assert {of_destination(id_).status(D) for id_ in registry().destinations} == {Status.UNKNOWN}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_exposure_is_told_and_drawn(language: str) -> None:
    seen = graph_of(registry())
    for id_ in registry().destinations:
        found = of_destination(id_)
        assert all(lines(told_exposure(found, seen, language), language))
        picture = draw(found, seen, language)
        assert picture.startswith("<svg")
        assert picture.count("<rect") >= len(found.parties)
        assert "style=" not in picture
        assert ("held exposes" in picture) == any(exposes for _, exposes in drawn(found, seen, language))
        assert "&" not in picture.replace("&amp;", "").replace("&#x27;", "").replace("&quot;", "")


def test_a_picture_is_also_told_line_by_line_and_the_path_that_exposes_comes_first() -> None:
    told = drawn(of_destination("mistral/eu/mistral-large-3"), graph_of(registry()), "fr")
    exposing = [words for words, exposes in told if exposes]
    assert exposing == [words for words, _ in told[: len(exposing)]]
    assert any(words.startswith("Alphabet Inc. détient 100 % de Google LLC [") for words in exposing)
    assert any(words.startswith("ASML Holding N.V. détient de 11 à") for words, exposes in told if not exposes)


def test_a_path_says_each_step_with_its_source() -> None:
    told = told_exposure(of_destination("mistral/eu/mistral-large-3"), graph_of(registry()), "fr")
    assert told["classes"][0]["paths"][0].startswith("Microsoft Corporation est sous-traitant de Mistral AI SAS [")
    assert "2026-08-05, fiabilité moyenne]" in told["classes"][0]["paths"][0]
