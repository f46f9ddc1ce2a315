"""Who reviewed a pack: read as a field, in two languages; what is said otherwise does not load."""

from datetime import date
from pathlib import Path

import pytest

from ecluse.packs import policies
from ecluse.packs.errors import PackError
from ecluse.packs.policies import Review, review_of

RULE = '\n@id("ours.one")\nforbid (principal, action, resource);\n'
READ = "// Ours.\n// Reviewed: by Jeanne Martin, avocate on 2026-12-03. Written on 2026-12-01 from the text.\n"


def test_every_shipped_pack_says_that_nobody_reviewed_it_and_when_it_was_written() -> None:
    assert {review.en for review in policies.load().reviews.values()} == {"Reviewed by nobody; written on 2026-11-24."}
    for name, text in policies.load().policies.items():
        assert "// Reviewed: by nobody. Written on " in text, name


def test_a_review_has_a_name_and_a_day_in_both_languages() -> None:
    review = review_of("ours.cedar", READ + RULE)
    assert review == Review(by="Jeanne Martin, avocate", on=date(2026, 12, 3), written=date(2026, 12, 1))
    assert review.en == "Reviewed by Jeanne Martin, avocate on 2026-12-03; written on 2026-12-01."
    assert review.fr == "Relu par Jeanne Martin, avocate le 2026-12-03 ; écrit le 2026-12-01."
    assert review.told == {"by": "Jeanne Martin, avocate", "on": "2026-12-03", "written": "2026-12-01"}


@pytest.mark.parametrize("head", ["", "// Ours.\n", "// Reviewed: by nobody.\n"])
def test_a_pack_that_says_nothing_was_reviewed_by_nobody(head: str) -> None:
    review = review_of("ours.cedar", head + RULE)
    assert (review.by, review.en, review.fr) == (None, "Reviewed by nobody.", "Personne ne l'a relu.")


def test_what_a_rule_says_further_down_is_no_review_of_the_pack() -> None:
    assert review_of("ours.cedar", RULE + READ).by is None


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("// Reviewed: by Jeanne Martin.\n", "ours.cedar:1: write `// Reviewed: by nobody.`"),
        ("// Ours.\n// Reviewed by Jeanne Martin on 2026-12-03.\n", "ours.cedar:2: write"),
        ("// Reviewed: by nobody on 2026-12-03.\n", "ours.cedar:1: write"),
        ("// Reviewed: by Jeanne Martin on 2026-13-03.\n", "2026-13-03 is no day"),
        (READ.replace("12-03", "11-30"), "was written on 2026-12-01, after its review on 2026-11-30"),
    ],
)
def test_refuses_a_review_without_a_day_or_older_than_the_text(head: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "ours.cedar").write_text(head + RULE, encoding="utf-8")
    with pytest.raises(PackError) as refused:
        policies.load(tmp_path)
    assert said in str(refused.value)
