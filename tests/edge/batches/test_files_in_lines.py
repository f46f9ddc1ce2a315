"""A line of a batch with a document fares as the same call does: its text masked, or its bytes where they may go."""

from collections.abc import Iterator

import pytest

from simulators.brain import Echo
from tests.edge.batches.test_batches import begin, ended, line, rows
from tests.edge.gateway import CLAUDE, SCALEWAY, Gateway, gateway
from tests.edge.test_files_as_text import NO_FILES, SETTINGS
from tests.edge.test_files_sdk import ACCOUNT, CLAUDE_MODEL, IBAN, PRESS, PUBLIC, asked, b64, sent

BATCHES = "[batches]\nkeep_hours = 24\nlines = 20\nbytes = 400000\nconcurrent = 2\n"


@pytest.fixture(scope="module", params=[False, True], ids=["files", "as text"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, bool]]:
    as_text: bool = request.param
    settings = BATCHES + (SETTINGS if as_text else PRESS)
    with gateway(tmp_path_factory.mktemp("lines"), (CLAUDE, SCALEWAY), settings, Echo()) as running:
        yield running, as_text


def test_lines_with_files_fare_as_calls_with_files_do(made: tuple[Gateway, bool]) -> None:
    running, as_text = made
    calls = [
        line("public", "", model=CLAUDE_MODEL, messages=asked("Sum up", PUBLIC)),
        line("account", "", model=CLAUDE_MODEL, messages=asked("Sum up", ACCOUNT)),
        line("no files", "", model=NO_FILES, messages=asked("Sum up", PUBLIC)),
    ]
    with running.client(running.key("desk")) as client:
        batch = ended(client, begin(client, calls).id)
        answers = rows(client, batch.output_file_id)
        errors = rows(client, batch.error_file_id) if batch.error_file_id else {}
    if as_text:
        assert answers.keys() == {"public", "account", "no files"}
        assert IBAN in str(answers["account"]["response"])
        bodies = sent(running, CLAUDE), sent(running, SCALEWAY)
        assert not any(hidden in body for body in bodies for hidden in (IBAN, b64(PUBLIC)[:64]))
    else:
        codes = {name: one["error"]["code"] for name, one in errors.items()}
        assert (set(answers), codes) == (
            {"public"},
            {"account": "policy_denied", "no files": "no_capable_destination"},
        )
        assert b64(PUBLIC) in sent(running, CLAUDE)
