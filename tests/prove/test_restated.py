"""What differs between two sets of rules though no verdict of the day does."""

import pytest

from ecluse.packs import policies
from ecluse.passage.decide import read_packs
from ecluse.prove.restated import restated


@pytest.mark.parametrize(
    ("pack", "old", "new", "rule", "term"),
    [
        ("cloud_au_centre", '@exception_days("548")', '@exception_days("5480")', "cac.sren31", "exception_days"),
        ("dora", '@id("dora.payment")', '@id("dora.payments")', "dora.payment", "rule"),
        ("base", '@floor("true")\n', "", "base.place", "floor"),
    ],
)
def test_terms_that_change_no_verdict_of_the_day_are_told(pack: str, old: str, new: str, rule: str, term: str) -> None:
    sources = policies.load()
    rules = read_packs(sources.schema, sources.policies)
    assert old in sources.policies[pack]
    changed = read_packs(sources.schema, {**sources.policies, pack: sources.policies[pack].replace(old, new, 1)})
    assert (rule, term) in {(one.rule, one.term) for one in restated(rules, changed)}
    assert restated(rules, rules) == ()
