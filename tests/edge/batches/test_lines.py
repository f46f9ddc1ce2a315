"""Files of answers are read line by line, also by clients that know more ends of lines than JSON does."""

import json

import pytest

from ecluse.domain.errors import GatewayError
from ecluse.edge.batches.lines import OK, answered, read, unasked

ROW = b'{"custom_id":"a\xe2\x80\xa8b","method":"POST","url":"/v1/chat/completions","body":{}}\n'
SAID = "one\x85two\u2028three\u2029four \\u2028 é"


def test_an_answer_is_one_line_to_a_client_that_splits_lines_as_python_does() -> None:
    [line] = read(ROW, 1)
    told = answered("batch_1", 1, line, OK, "e", json.dumps({"said": SAID}, ensure_ascii=False).encode()).decode()
    assert told.splitlines(keepends=True) == [told]
    row = json.loads(told)
    assert row["response"]["body"] == {"said": SAID}
    assert row["custom_id"] == "a\u2028b"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_so_is_a_line_that_was_not_asked(language: str) -> None:
    [line] = read(ROW, 1)
    told = unasked("batch_1", 1, line, GatewayError("batch_interrupted"), language).decode()
    assert told.splitlines(keepends=True) == [told]
