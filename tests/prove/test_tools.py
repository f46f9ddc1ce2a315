"""What is proven of hosted tools, and that a planted bug is found."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ecluse.domain.destination import DestinationId
from ecluse.domain.snapshot import Snapshot
from ecluse.domain.verdict import Question, Ruling
from ecluse.passage.decide import explain
from ecluse.prove.tools import ToolLeavesPermit, every_tool_is_permitted


def test_no_request_with_a_hosted_tool_goes_where_its_recipient_would_not_be_permitted() -> None:
    assert every_tool_is_permitted() == 4096


def test_a_verdict_that_forgets_the_tools_is_found() -> None:
    def forgetful(snapshot: Snapshot, question: Question, ids: Sequence[DestinationId]) -> tuple[Ruling, ...]:
        return explain(snapshot, replace(question, tools=frozenset()), ids)

    with pytest.raises(ToolLeavesPermit):
        every_tool_is_permitted(forgetful)


def test_a_verdict_that_forgets_what_a_tool_brings_is_found() -> None:
    def trusting(snapshot: Snapshot, question: Question, ids: Sequence[DestinationId]) -> tuple[Ruling, ...]:
        trusted = tuple(replace(one, brings=frozenset()) for one in snapshot.recipients)
        return explain(replace(snapshot, recipients=trusted), question, ids)

    with pytest.raises(ToolLeavesPermit):
        every_tool_is_permitted(trusting)
