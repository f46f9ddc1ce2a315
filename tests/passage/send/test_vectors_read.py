"""Embeddings: one finite vector for each text, or nothing."""

import base64
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.errors import ProviderError
from ecluse.domain.event import UpstreamError
from ecluse.domain.request import Surface
from ecluse.passage.send import DIALECTS
from ecluse.passage.send.vectors_read import VectorReader
from tests.passage.send.exchange import read, request

NO_INDEX = True


def _item(index: object, embedding: object) -> object:
    return {"object": "embedding", "index": index, "embedding": embedding}


def _packed(*values: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()


@pytest.mark.parametrize(
    "data",
    [
        None,
        [_item(0, [1.0])],
        [_item(0, [1.0]), _item(0, [1.0])],
        [_item(0, [1.0]), _item(2, [1.0])],
        [_item(0, [1.0]), _item("1", [1.0])],
        [_item(0, [1.0]), _item(NO_INDEX, [1.0])],
        [_item(0, [1.0]), 7],
        [_item(0, [1.0]), _item(1, [])],
        [_item(0, [1.0]), _item(1, ["x"])],
        [_item(0, [1.0]), _item(1, [1e39])],
        [_item(0, [1.0]), _item(1, None)],
        [_item(0, [1.0]), _item(1, "")],
        [_item(0, [1.0]), _item(1, "pas du base64")],
        [_item(0, [1.0]), _item(1, "AAAAAAA=")],
        [_item(0, [1.0]), _item(1, _packed(float("nan")))],
        [_item(0, [1.0]), _item(1, _packed(float("inf"), float("-inf")))],
    ],
)
def test_embeddings_that_do_not_match_the_texts_refuse(data: object) -> None:
    reader = VectorReader(2)
    reader.feed(json.dumps({"data": data}).encode())
    with pytest.raises(ProviderError, match="upstream_malformed"):
        reader.end()


def test_an_error_under_status_200_is_one_event() -> None:
    reader = VectorReader(1)
    reader.feed(b'{"error":{"message":"x"}}')
    assert reader.end() == (UpstreamError(code="upstream_error", message="x"),)


@pytest.mark.parametrize("body", [b"", b"data: {}\n\ndata: {}\n\n", b"[]", b"{"])
def test_an_answer_that_is_no_object_refuses(body: bytes) -> None:
    reader = VectorReader(1)
    reader.feed(body)
    with pytest.raises(ProviderError, match="upstream_malformed"):
        reader.end()


@given(written=st.binary(max_size=64), dialect=st.sampled_from(sorted(DIALECTS)))
def test_no_bytes_do_more_than_refuse(written: bytes, dialect: str) -> None:
    read(DIALECTS[dialect].reader(request(surface=Surface.EMBEDDINGS)), [b'{"data":' + written])
