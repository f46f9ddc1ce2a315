"""JSON with one reading only, within bounds of memory and time (siege row 25)."""

import gc
import json
import time
import tracemalloc
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.errors import CallerError
from ecluse.passage.admit.strict_json import CONTAINERS, DEPTH, VALUES, decode, decode_text

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=6), inner, max_size=5),
    max_leaves=20,
)


@given(value=values, ascii_=st.booleans(), indent=st.sampled_from([None, 1]))
def test_what_is_written_is_what_is_read(value: object, ascii_: bool, indent: int | None) -> None:  # noqa: FBT001 - drawn
    assert decode(json.dumps(value, ensure_ascii=ascii_, indent=indent).encode()) == value


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":"SECRET","a":"ok"}',
        b'{"a":{"b":[{"c":1,"c":1}]}}',
        b'{"a" : 1 , "a" : 2}',
        b'{"a":1,"\\u0061":2}',
        b'{"":1,"":2}',
        b'{"t":"a:b","a":1,"a":2}',
        b'{"t":"\\":\\\\","a":1,"a":2}',
    ],
)
def test_a_key_twice_refuses(body: bytes) -> None:
    with pytest.raises(CallerError, match="duplicate_key"):
        decode(body)


@given(
    pairs=st.lists(
        st.tuples(st.sampled_from(["a", "b:", '"', "\\", "é", ""]), st.text(alphabet='":\\,{}[]é a', max_size=5)),
        max_size=6,
    )
)
def test_a_key_twice_refuses_whatever_the_strings_hold(pairs: list[tuple[str, str]]) -> None:
    body = ("{" + ",".join(f"{json.dumps(key)}:{json.dumps(value)}" for key, value in pairs) + "}").encode()
    if len({key for key, _ in pairs}) == len(pairs):
        assert decode(body) == dict(pairs)
    else:
        with pytest.raises(CallerError, match="duplicate_key"):
            decode(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b'{"a":1,}',
        b"[1] x",
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        b"1e999",
        b"01",
        b'"\x01"',
        b"\xef\xbb\xbf{}",
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'"\xc0\x80"',
        b'"\\ud800 alone, with more text behind it"',
        b'"\\udc00\\ud800 in the wrong order"',
        b"9223372036854775808",
        b"[-9223372036854775809]",
        b'{"a":' + b"9" * 5000 + b"}",
        b"[" * (DEPTH + 2) + b"1" + b"]" * (DEPTH + 2),
        b"[" * 2000 + b"]" * 2000,
        b"[" * 100_000 + b"]" * 100_000,
        b"[" + b"{}," * 1_000_000 + b"{}]",
        b'{"a":[' + b"[]," * (CONTAINERS + 1) + b"0]}",
        b"{" + b",".join(b'"%d":0' % i for i in range(VALUES)) + b"}",
        b'["' + b'","' * 1_000_000 + b'"]',
        b"[" + b"0," * (VALUES + 1) + b"0]",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_has_no_single_reading_or_no_bounds_refuses(body: bytes) -> None:
    with pytest.raises(CallerError, match="invalid_json"):
        decode(body)


def test_nesting_is_read_up_to_its_limit() -> None:
    nested = b"[" * (DEPTH - 1) + b"1" + b"]" * (DEPTH - 1)
    assert json.dumps(decode(nested)).encode() == nested


@given(body=st.binary(max_size=40))
def test_no_bytes_do_more_than_refuse(body: bytes) -> None:
    with suppress(CallerError):
        decode(body)


@settings(max_examples=200)
@given(body=st.text(alphabet='{}[]":,\\ 1ae-.u0dD8', max_size=30))
def test_what_is_read_is_what_a_strict_oracle_reads(body: str) -> None:
    assert _ours(body) == _oracle(body)


def _ours(body: str) -> object:
    try:
        return decode(body.encode())
    except CallerError:
        return CallerError


def _oracle(body: str) -> object:
    def no_duplicates(pairs: list[tuple[str, object]]) -> object:
        if len(dict(pairs)) != len(pairs):
            raise ValueError
        return dict(pairs)

    def nothing(_: str) -> object:
        raise ValueError

    try:
        value = json.loads(body, object_pairs_hook=no_duplicates, parse_constant=nothing)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        return _no_large_integer(value)
    except (ValueError, RecursionError):
        return CallerError


def _no_large_integer(value: object) -> object:
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _no_large_integer(item)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError
    return value


# ------------------------------------------------------------------ bounds
WORST = {
    "empty objects": b"[" + b"{}," * (CONTAINERS - 2) + b"0]",
    "nested arrays": b"[" + b"[[]]," * (CONTAINERS // 2 - 2) + b"0]",
    "objects of one key": b"[" + b'{"":0},' * (CONTAINERS - 2) + b"0]",
    "keys": b"{" + b",".join(b'"%d":0' % i for i in range(VALUES // 2)) + b"}",
    "short strings": b'["ab' + b'","ab' * (VALUES - 2) + b'"]',
    "numbers": b"[" + b"0," * (VALUES - 2) + b"0]",
    "escapes": b'["' + b'\\"' * 500_000 + b'"]',
    "too many objects": b"[" + b"{}," * 1_000_000 + b"{}]",
    "too many keys": b"{" + b",".join(b'"%d":0' % i for i in range(201_000)) + b"}",
    "one wide letter": ('["🛶' + "a" * 500_000 + '"]').encode(),
}


def _try(body: bytes) -> None:
    with suppress(CallerError):
        decode(body)


@pytest.mark.parametrize("name", WORST)
def test_memory_stays_below_forty_times_the_bytes(name: str) -> None:
    body = WORST[name]
    assert any(_peak(body) < 40 * len(body) for _ in range(3)), "once of three: other threads allocate too"


def _peak(body: bytes) -> int:
    gc.collect()
    tracemalloc.start()
    try:
        _try(body)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", WORST)
def test_time_stays_near_a_hundred_milliseconds_a_megabyte(name: str) -> None:
    body = WORST[name]
    limit = 0.3 * len(body) / 1e6  # three times the target: the cores that run this are shared
    assert any(_seconds(lambda: _try(body)) < limit for _ in range(6))


def _seconds(work: Callable[[], None]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


# ------------------------------------------------------------------ JSON in a string
@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('{"a":"\\u0031"}', ({"a": "1"}, True)),
        ("", ("", False)),
        ("{", ("{", False)),
        ("pas du JSON", ("pas du JSON", False)),
        ("3", (3, True)),
    ],
)
def test_a_string_is_read_as_json_when_it_is(text: str, read: tuple[object, bool]) -> None:
    assert decode_text(text) == read


@pytest.mark.parametrize(
    "text", ['{"a":"\\u0031","a":1}', '{"a":NaN}', "[" * 200 + "]" * 200, '"\\ud800 alone and more text"', "1e999"]
)
def test_what_only_a_lenient_parser_would_read_refuses(text: str) -> None:
    with pytest.raises(CallerError):
        decode_text(text)
