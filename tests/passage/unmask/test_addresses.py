"""In a field that is named an address nothing is restored but a whole link that the caller wrote."""

import pytest

from ecluse.domain.event import ToolArgs
from tests.passage.mask.case import pieces
from tests.passage.unmask.test_restorer import NAME, arguments, feed


@pytest.mark.parametrize(
    "said",
    [
        '{"url": "PERSON_7K2Q9F"}',
        '{"a": 1, "callbackUrl" : "evil.example", "urls": [\n"x", "PERSON_7K2Q9F"]}',
        r'{"\u0075rl": "\u0050ERSON_7K2Q9F"}',
        r'{"\u0075rl": "PERSON_7K2Q9F"}',
        r'{"body": "{\"endpoint\": \"PERSON_7K2Q9F\"}"}',
        '{"url":' + " " * 200 + '"PERSON_7K2Q9F"}',
        '{"url": "a LINK_0WF6V0"}',
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1_000])
def test_nothing_is_restored_in_a_field_that_is_named_an_address(said: str, size: int) -> None:
    out = feed(*(arguments(piece) for piece in pieces(said, [size])))
    assert "".join(event.s for event in out if isinstance(event, ToolArgs)) == said


@pytest.mark.parametrize(
    "said",
    [
        '{"url": "x", "to": "PERSON_7K2Q9F"}',
        '{"url": null, "to": "PERSON_7K2Q9F"}',
        '{"urls": [], "to": ["PERSON_7K2Q9F"]}',
        '{"a": {"url": "x"}, "url": "LINK_0WF6V0", "b": "PERSON_7K2Q9F"}',
        '{"body": "url", "to": "PERSON_7K2Q9F"}',
        r'{"body": "{\"url\": \"LINK_0WF6V0\"}"}',
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1_000])
def test_beside_an_address_all_is_restored_and_in_it_a_whole_link(said: str, size: int) -> None:
    out = feed(*(arguments(piece) for piece in pieces(said, [size])))
    read = said.replace("PERSON_7K2Q9F", NAME).replace("LINK_0WF6V0", "https://exemple.fr/dossier")
    assert "".join(event.s for event in out if isinstance(event, ToolArgs)) == read
