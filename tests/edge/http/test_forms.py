"""A form becomes one strict JSON object; what is no form refuses, whatever bytes it is made of."""

import base64
import contextlib
import json
import logging
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.errors import CallerError
from ecluse.edge.http.forms import form_to_json

FORM = "multipart/form-data; boundary=b"
PIECES = st.sampled_from(
    [
        b"--b\r\n",
        b"\r\n--b--\r\n",
        b"\r\n\r\n",
        b"\r\n",
        b"Content-Disposition: form-data; name=",
        b'"file"; filename="',
        b'"',
        b";",
        b"texts[]",
        b"name*0*=utf-8''%ff",
        b"\\",
        b"\xff",
        b"\xc5\x93",
        b"\0",
        b": ",
    ]
)


def read(disposition: str, data: bytes = b"x") -> Any:
    head = f"--b\r\nContent-Disposition: {disposition}\r\n\r\n".encode()
    return json.loads(form_to_json(FORM, head + data + b"\r\n--b--\r\n"))


@pytest.mark.parametrize("name", ["é.docx", "Compte-rendu d\u2019entretien à Œuilly.pdf", "日本.eml", "a;b=c.txt"])
def test_a_file_keeps_its_name_in_any_script(name: str) -> None:
    told = read(f'form-data; name="file"; filename="{name}"')
    assert told["file"]["filename"] == name
    assert base64.b64decode(told["file"]["data"]) == b"x"


ENCODED = "application/x-www-form-urlencoded"


def test_a_form_without_a_file_may_be_url_encoded() -> None:
    """As the `mistralai` client 3.7 writes a transcription of a link."""
    body = b"model=v&file_url=https%3A%2F%2Fx.test%2F%C3%A9.mp3&a%5B%5D=1&a%5B%5D=2&stream=false"
    told = {"model": "v", "file_url": "https://x.test/\u00e9.mp3", "a": ["1", "2"], "stream": "false"}
    assert json.loads(form_to_json(f"{ENCODED}; charset=utf-8", body)) == told


@pytest.mark.parametrize("body", [b"a=1&a=2", b"=x", b"a=%ff", b"a=\xff", b"&".join([b"a[]=1"] * 65)])
def test_a_url_encoded_form_that_is_not_well_formed_refuses(body: bytes) -> None:
    with pytest.raises(CallerError, match="invalid_request"):
        form_to_json(ENCODED, body)


def test_a_field_that_is_no_utf_8_refuses_and_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for body in (b"--b\r\n\xff\r\n", b"--b\r\nx=secret: y\r\n\r\n", b"secret", b""):
            with pytest.raises(CallerError, match="invalid_request"):
                form_to_json(FORM, body)
        with pytest.raises(CallerError, match="invalid_request"):
            read('form-data; name="text"', b"\xff")
    assert not caplog.records


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(PIECES, max_size=16), ended=st.booleans())
def test_no_bytes_end_in_anything_but_an_object_or_a_refusal(*, pieces: list[bytes], ended: bool) -> None:
    body = b"--b\r\nContent-Disposition: " + b"".join(pieces) + (b"\r\n\r\nx\r\n--b--\r\n" if ended else b"")
    with contextlib.suppress(CallerError):
        assert isinstance(json.loads(form_to_json(FORM, body)), dict)
