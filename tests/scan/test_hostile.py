"""Whatever a document is made of, its reader answers in time, and says what it did not read: never nothing."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ecluse.api import detector
from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import DataClass
from ecluse.passage.classify import Engine
from ecluse.scan.examine import examine
from ecluse.scan.found import Reading
from ecluse.scan.opening import Limits
from ecluse.scan.reading import Reader
from tests.apart import guided
from tests.scan.hostile import PARTS, documents, spoilt
from tests.scan.made import docx

DOCUMENTS = documents()
LIMITS = Limits(seconds=5.0, unfolded=16 * 2**20, free=4 * 2**20, pictures=0, memory=2**30)
SLACK = 3.0
FEW = settings(
    max_examples=300,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=(Phase.generate,),
)
spoilings = given(name=st.sampled_from(sorted(DOCUMENTS)), seed=st.integers(0, 2**32))


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(LIMITS) as made:
        yield made


@pytest.fixture(scope="module")
def patterns() -> Engine:
    return detector(tagger=False)


def judged(reader: Reader, patterns: Engine, name: str, data: bytes) -> Reading:
    """Read a document, and hold it to the law."""
    began = time.monotonic()
    reading = reader.read(name, data)
    assert time.monotonic() - began < LIMITS.seconds + SLACK
    assert reading.parts or reading.unread or not data.strip()
    try:
        found = examine(name, reading, patterns, {})
    except GatewayError as error:
        assert error.code == "classification_unavailable"  # noqa: PT017 - the other outcome is a whole classification
        return reading
    texts = {(part.path, len(part.text)) for part in reading.parts}
    for finding in found.findings:
        assert any(path == finding.slot and finding.end <= size for path, size in texts)
    assert (DataClass.UNREADABLE in found.classes) >= bool(reading.unread)
    return reading


@FEW
@spoilings
def test_a_spoilt_document_is_read_in_time_or_reported(reader: Reader, patterns: Engine, name: str, seed: int) -> None:
    judged(reader, patterns, name, spoilt(DOCUMENTS[name], seed))


@pytest.mark.parametrize("part", sorted(PARTS))
def test_a_bomb_in_a_part_leaves_the_other_parts_read(reader: Reader, patterns: Engine, part: str) -> None:
    reading = judged(reader, patterns, "a.docx", docx("Bonjour", word__header1=PARTS[part]))
    assert "Bonjour" in [one.text for one in reading.parts]


@pytest.mark.long
def test_spoilt_documents_by_the_minute(reader: Reader, patterns: Engine) -> None:
    """As many as there is time for, at most a million: `ECLUSE_FUZZ_SECONDS`, a minute unless set otherwise."""
    ends = time.monotonic() + float(os.environ.get("ECLUSE_FUZZ_SECONDS", "60"))
    first = int(os.environ.get("ECLUSE_FUZZ_SEED", "0"))
    for seed in range(first, first + 1_000_000):
        if time.monotonic() > ends:
            break
        name = sorted(DOCUMENTS)[seed % len(DOCUMENTS)]
        judged(reader, patterns, name, spoilt(DOCUMENTS[name], seed))


@pytest.mark.long
def test_a_million_inputs_that_look_for_new_paths(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Guided by coverage, at most a million: as long as `ECLUSE_FUZZ_SECONDS`, a minute unless set otherwise."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for n, (name, data) in enumerate(DOCUMENTS.items()):
        if len(data) < 40_000:
            (corpus / f"{n}-{name}").write_bytes(data)
    seconds = float(os.environ.get("ECLUSE_FUZZ_SECONDS", "60"))
    ran = guided("tests.scan.fuzzing", corpus, seconds=seconds, most=1_000_000, longest=40_000)
    with capsys.disabled():
        sys.stdout.write(f"\n{ran:,} guided documents\n")
    assert ran
