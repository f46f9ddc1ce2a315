"""An entry has one spelling: what is hashed is what is stored, and every other spelling is refused."""

import contextlib
import json
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ecluse.domain.trail import ENTRY_LIMIT, Entry, EntryId, EntryKind, Field, PassageId
from ecluse.passage.record import EntryRefused, canonical, parse
from ecluse.passage.record.canonical import LARGEST
from tests.passage.record import samples

EVERY_KIND = [samples.intent(), samples.refusal(), samples.outcome(), samples.admin()]

printable = st.text(
    st.characters(
        exclude_categories=("Cc", "Cs"),
        exclude_characters="\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    )
)
scalars = printable | st.integers(-LARGEST, LARGEST) | st.booleans() | st.none()
fields = scalars | st.lists(scalars, max_size=5).map(tuple) | st.dictionaries(printable, scalars, max_size=5)
words = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)
entries = st.builds(
    Entry,
    kind=st.sampled_from(EntryKind),
    id=st.binary(min_size=16, max_size=16).map(lambda raw: EntryId(raw.hex())),
    passage=st.from_regex(r"[0-9A-Za-z_-]{1,64}", fullmatch=True).map(PassageId),
    at=st.just("2026-11-24T12:00:00.000Z"),
    body=st.dictionaries(words, fields, max_size=8),
)


def with_body(body: dict[str, Field]) -> Entry:
    return replace(samples.admin(), body=body)


def respelt(**changes: object) -> bytes:
    """Spell the sample with some of its parts changed, the rest being canonical."""
    return json.dumps(
        json.loads(canonical(samples.admin())) | changes, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()


@given(entries)
def test_what_is_written_reads_back_the_same(entry: Entry) -> None:
    assert parse(canonical(entry)) == entry


@given(entries)
def test_the_spelling_is_sorted_json_without_spaces(entry: Entry) -> None:
    wire = {
        "at": entry.at,
        "body": entry.body,
        "id": entry.id,
        "kind": entry.kind.value,
        "passage": entry.passage,
        "version": 1,
    }
    assert canonical(entry) == json.dumps(wire, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@pytest.mark.parametrize("entry", EVERY_KIND, ids=lambda entry: entry.kind)
def test_every_kind_reads_back_the_same(entry: Entry) -> None:
    assert parse(canonical(entry)) == entry


def test_the_bytes_of_an_entry_never_change() -> None:
    """The schema is fixed: a trail of 2026 is verified by the software of 2036."""
    assert canonical(samples.outcome()) == (
        b'{"at":"2026-11-24T12:00:00.000Z","body":{"calls":1,"code":null,"cost_micro":17,"currency":"EUR",'
        b'"destination":"scaleway/generative-apis/mistral-small-3.2","duration_ms":56,"price_as_of":"2026-09-26",'
        b'"restored":0,"status":"done",'
        b'"tokens_in":12,"tokens_out":34,"unknown_surrogates":0,"upstream_status":200},'
        b'"id":"' + samples.id_of(0, "outcome").encode() + b'","kind":"outcome",'
        b'"passage":"' + samples.passage_of(0).encode() + b'","version":1}'
    )


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        1.0,
        LARGEST + 1,
        -LARGEST - 1,
        2**70,
        b"bytes",
        ("nested", ("list",)),
        {"map": {"in": "map"}},
        {"map": ("list",)},
        {1: "key"},
        ["a list, which reads back as a tuple"],
        {"a", "set"},
        object(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_canonical_refuses_what_the_schema_has_no_word_for(value: Field) -> None:
    with pytest.raises(EntryRefused):
        canonical(with_body({"field": value}))


@pytest.mark.parametrize(
    "text",
    ["\n", "a\tb", "\x00", "\x1f", "\x7f", "\x85", "\u2028", "\u202e", "\u2066", "\ud800", "\\\n", '"\x01', "\\\x7f"],
    ids=ascii,
)
def test_canonical_refuses_control_characters_wherever_they_stand(text: str) -> None:
    values: list[Field] = [text, (text,), {"key": text}, {text: "value"}]
    for value in values:
        with pytest.raises(EntryRefused):
            canonical(with_body({"field": value}))


@pytest.mark.parametrize("text", ['"', "\\", '\\"', "\\\\", "\\n", "\\u0000", '\\\\"', "é", "\u00a0", "名", "😀"])
def test_quotes_backslashes_and_accents_are_plain_text(text: str) -> None:
    entry = with_body({"field": text, "list": (text, text), "map": {text: text}})
    assert parse(canonical(entry)) == entry


@pytest.mark.parametrize("name", ["", "Field", "1st", "a-b", "a b", "é", "a" * 65])
def test_canonical_refuses_a_field_whose_name_is_no_word(name: str) -> None:
    with pytest.raises(EntryRefused):
        canonical(with_body({name: 1}))


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"id": EntryId("A" * 32)},
        {"id": EntryId("a" * 31)},
        {"passage": PassageId("")},
        {"passage": PassageId("with space")},
        {"at": "2026-11-24"},
        {"at": "2026-11-24T12:00:00.000+00:00"},
    ],
    ids=repr,
)
def test_canonical_refuses_a_head_of_another_form(change: dict[str, str | int]) -> None:
    with pytest.raises(EntryRefused):
        canonical(replace(samples.admin(), **change))  # type: ignore[arg-type] # the wrong types are the point


def test_an_entry_is_refused_beyond_the_limit_of_a_tile() -> None:
    spare = ENTRY_LIMIT - len(canonical(with_body({"field": ""})))
    assert len(canonical(with_body({"field": "x" * spare}))) == ENTRY_LIMIT
    with pytest.raises(EntryRefused, match="65535"):
        canonical(with_body({"field": "x" * (spare + 1)}))
    with pytest.raises(EntryRefused, match="65535"):
        parse(b" " * (ENTRY_LIMIT + 1))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        canonical(samples.admin()) + b"\n",
        b" " + canonical(samples.admin()),
        canonical(samples.admin()).replace(b'":', b'": ', 1),
        canonical(samples.admin()).replace(b"dpo", b"\\u0064po"),
        canonical(samples.admin()).replace(b'"count":1', b'"count":1.0'),
        canonical(samples.admin()).replace(b'"count":1', b'"count":1e0'),
        canonical(samples.admin()).replace(b'"count":1', b'"count":-0'),
        canonical(samples.admin()).replace(b'"count":1', b'"count":1,"count":1'),
        canonical(samples.admin()).replace(b'"count":1', b'"count":{"a":{"b":1}}'),
        canonical(samples.admin()).replace(b'"version":1', b'"version":1,"more":1'),
        canonical(samples.admin()).replace(b"dpo", b"d\\npo"),
        canonical(samples.admin()).replace(b"dpo", b"d\x7fpo"),
        b"[" * 60_000,
        respelt(kind="other"),
        respelt(version=2),
        respelt(version="1"),
        respelt(id="A" * 32),
        respelt(body=None),
        respelt(body={"Upper": 1}),
        respelt(body={"number": 2**53}),
    ],
    ids=lambda data: ascii(data[:40]),
)
def test_parse_refuses_every_other_spelling(data: bytes) -> None:
    with pytest.raises(EntryRefused):
        parse(data)


@given(st.binary(max_size=200))
@example(canonical(samples.outcome())[:-1])
def test_parse_refuses_or_reads_and_never_breaks(data: bytes) -> None:
    with contextlib.suppress(EntryRefused):
        assert canonical(parse(data)) == data


def test_a_refusal_to_write_never_shows_what_was_in_the_field() -> None:
    with pytest.raises(EntryRefused) as refused:
        canonical(with_body({"field": "Jean Dupont\n"}))
    assert "Dupont" not in str(refused.value)
