"""JSON that stands in a string of JSON stays JSON, whatever an original has in it."""

import json

import pytest

from ecluse.domain.event import ToolArgs
from ecluse.domain.vault import Vault
from ecluse.passage.unmask import Restorer
from tests.passage.mask.case import pieces

PERSON = "PERSON_7K2Q9F"


def arguments(s: str) -> ToolArgs:
    return ToolArgs(choice=0, index=0, s=s)


@pytest.mark.parametrize("cut", [1, 4, 1_000])
@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize("original", ['3 rue "A"\n69003 Lyon', "un \\ deux", 'É"', "Zoé"])
def test_an_original_breaks_no_json_in_json(original: str, depth: int, cut: int) -> None:
    said: object = [{"nom": f'{PERSON} \\" fin', "u": PERSON}]
    expected: object = [{"nom": f'{original} \\" fin', "u": original}]
    for _ in range(depth):
        said, expected = {"body": json.dumps(said)}, {"body": json.dumps(expected)}
    restorer = Restorer(Vault(originals={PERSON: original}))
    events = [e for s in pieces(json.dumps(said), [cut]) for e in restorer.feed(arguments(s))]
    read: object = json.loads("".join(e.s for e in (*events, *restorer.end()) if isinstance(e, ToolArgs)))
    for _ in range(depth):
        assert isinstance(read, dict)
        assert isinstance(expected, dict)
        read, expected = json.loads(read["body"]), json.loads(expected["body"])
    assert read == expected


@pytest.mark.parametrize("around", ['Il a dit "{}" hier.', '[note] "{}"', '{{ x }} "{}"', "{}", '```json\n["{}"]'])
def test_a_quote_of_prose_in_arguments_is_no_json(around: str) -> None:
    original = '3 rue "A"\nLyon'
    restorer = Restorer(Vault(originals={PERSON: original}))
    events = restorer.feed(arguments(json.dumps({"text": around.format(PERSON)})))
    said = "".join(e.s for e in (*events, *restorer.end()) if isinstance(e, ToolArgs))
    assert json.loads(said) == {"text": around.format(original)}


def test_what_was_cut_out_of_json_in_json_comes_back_as_it_stood() -> None:
    original = '3 rue \\"A\\"\\n69003 Lyon'
    restorer = Restorer(Vault(originals={PERSON: original}))
    events = restorer.feed(arguments(json.dumps({"body": f'{{"a": "{PERSON}"}}'})))
    said = "".join(e.s for e in (*events, *restorer.end()) if isinstance(e, ToolArgs))
    assert json.loads(json.loads(said)["body"]) == {"a": '3 rue "A"\n69003 Lyon'}
