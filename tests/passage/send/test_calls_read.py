"""Fragments of tool calls, as each kind of provider sends them."""

import pytest

from ecluse.domain.errors import ProviderError
from ecluse.domain.event import ToolArgs
from ecluse.domain.request import Json
from ecluse.passage.send.calls_read import CALLS, NAME, Calls


def _fragment(index: Json = None, id_: Json = None, name: Json = None, arguments: Json = None) -> Json:
    fragment: dict[str, Json] = {"function": {"name": name, "arguments": arguments}, "id": id_}
    return fragment if index is None else {**fragment, "index": index}


def _read(*fragments: Json, whole: bool = False) -> list[tuple[int, str | None, str | None, str]]:
    calls = Calls(choice=0, back={})
    events: list[ToolArgs] = []
    for fragment in fragments:
        events += calls.read([fragment], whole=whole)
    return [(event.index, event.id, event.name, event.s) for event in events]


def test_fragments_join_by_index() -> None:
    assert _read(
        _fragment(0, "a", "f", ""),
        _fragment(1, "b", "g", "{"),
        _fragment(0, arguments="{}"),
        _fragment(1, arguments="}"),
    ) == [
        (0, "a", "f", ""),
        (1, "b", "g", "{"),
        (0, None, None, "{}"),
        (1, None, None, "}"),
    ]


def test_a_new_id_on_an_old_index_is_a_new_call() -> None:
    assert _read(_fragment(0, "a", "f", "{}"), _fragment(0, "b", "f", "{"), _fragment(0, arguments="}")) == [
        (0, "a", "f", "{}"),
        (1, "b", "f", "{"),
        (1, None, None, "}"),
    ]


def test_id_and_name_repeated_are_given_once() -> None:
    assert _read(_fragment(0, "a", "f", "{"), _fragment(0, "a", "f", "}")) == [(0, "a", "f", "{"), (0, None, None, "}")]


def test_a_name_in_fragments_is_passed_in_fragments() -> None:
    assert _read(_fragment(0, "a", "niveau"), _fragment(0, "a", "_eau")) == [
        (0, "a", "niveau", ""),
        (0, None, "_eau", ""),
    ]


def test_without_index_an_id_or_a_name_begins_a_call() -> None:
    assert _read(
        _fragment(id_="a", name="f", arguments="{"), _fragment(arguments="}"), _fragment(name="g", arguments="{}")
    ) == [
        (0, "a", "f", "{"),
        (0, None, None, "}"),
        (1, None, "g", "{}"),
    ]


def test_without_index_a_known_id_goes_on() -> None:
    assert _read(_fragment(id_="a", name="f"), _fragment(id_="b", name="g"), _fragment(id_="a", arguments="{}"))[
        -1
    ] == (0, None, None, "{}")


@pytest.mark.parametrize("none", ["", "null"])
def test_an_id_that_says_nothing_is_no_id(none: str) -> None:
    assert _read(_fragment(0, none, "f", "{"), _fragment(0, "a", arguments="}")) == [
        (0, None, "f", "{"),
        (0, "a", None, "}"),
    ]


def test_each_call_of_a_whole_message_is_its_own() -> None:
    assert [line[0] for line in _read(_fragment(0, None, None, "{}"), _fragment(0, None, None, "{}"), whole=True)] == [
        0,
        1,
    ]


def test_two_calls_never_share_an_id() -> None:
    assert _read(_fragment(0, "a", "f", "{}"), _fragment(1, "a", "g", "{"), _fragment(1, "a", arguments="}")) == [
        (0, "a", "f", "{}"),
        (1, None, "g", "{"),
        (1, None, None, "}"),
    ]
    assert _read(_fragment(id_="a", name="f"), _fragment(id_="a", name="f"), whole=True) == [
        (0, "a", "f", ""),
        (1, None, "f", ""),
    ]


def test_arguments_as_an_object_become_a_string_of_json() -> None:
    assert _read(_fragment(0, "a", "f", {"ville": "Agen"}))[0][3] == '{"ville":"Agen"}'


@pytest.mark.parametrize(
    "fragments",
    [
        "x",
        [1],
        [{"id": 1}],
        [{"function": [1]}],
        [{"function": {"name": 1}}],
        [{"function": {"arguments": 1}}],
        [{"index": 0, "id": str(i), "function": {}} for i in range(CALLS + 1)],
        [{"index": 0, "id": "x" * (NAME + 1), "function": {}}],
        [{"index": 0, "function": {"name": f"x{i}"}} for i in range(NAME)],
    ],
)
def test_what_is_no_list_of_calls_refuses(fragments: Json) -> None:
    with pytest.raises(ProviderError, match="upstream_malformed"):
        Calls(choice=0, back={}).read(fragments, whole=False)


def test_an_id_of_this_conversation_comes_back_as_the_caller_wrote_it() -> None:
    calls = Calls(choice=2, back={"abcdefghi": "toolu_1"})
    assert calls.read([_fragment(0, "abcdefghi", "f")], whole=False)[0].id == "toolu_1"
