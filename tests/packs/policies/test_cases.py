"""The tables of cases: read whole, each beside its pack; what is said wrongly does not load."""

from pathlib import Path

import pytest

from ecluse.domain.caller import CallerKind
from ecluse.packs import policies
from ecluse.packs.errors import PackError
from ecluse.packs.policies.cases import cases

CASE = """
[[cases]]
rule = "ours.gdpr"
verdict = "refuse"
caller = "company"
classes = ["personal"]
destination = "mistral/eu/mistral-large-3"
"""


def written(folder: Path, text: str) -> Path:
    (folder / "cases").mkdir()
    (folder / "cases" / "ours.toml").write_text(text, encoding="utf-8")
    return folder


def test_each_shipped_rule_comes_with_its_cases() -> None:
    packs = {case.rule.partition(".")[0] for case in cases()}
    assert len(packs) == len(policies.load().policies)
    hospital = next(case for case in cases() if case.rule == "hds.host")
    assert (hospital.kind, hospital.care, hospital.verdict) == (CallerKind.HEALTH_ESTABLISHMENT, True, "refuse")


def test_an_organisation_brings_the_cases_of_its_own_pack(tmp_path: Path) -> None:
    *_, last = cases(written(tmp_path, CASE))
    assert (last.rule, last.kind) == ("ours.gdpr", CallerKind.PRIVATE)


def test_a_caller_of_ones_own_may_be_named(tmp_path: Path) -> None:
    folder = written(tmp_path, CASE.replace("company", "ours"))
    (folder / "cases" / "callers.toml").write_text('[ours]\nkind = "financial_entity"\n', encoding="utf-8")
    assert cases(folder)[-1].kind is CallerKind.FINANCIAL_ENTITY


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('"refuse"', '"deny"', "ours.gdpr.*deny"),
        ("company", "nobody", "no caller `nobody`"),
        ("classes =", "colours =", "colours"),
        ("destination = ", 'place = "own_premises"\ndestination = ', "one `destination` or one `place`"),
        ("classes =", 'why = "because"\nclasses =', "`why_fr`"),
        ("[[cases]]", "[cases]", "a list of"),
        ("[[cases]]", "[[cases]", "cannot be read"),
    ],
)
def test_a_case_that_says_something_else_refuses_to_load(tmp_path: Path, before: str, after: str, told: str) -> None:
    with pytest.raises(PackError, match=told):
        cases(written(tmp_path, CASE.replace(before, after)))
