"""Long texts: cut into blocks, they show what they show whole, and a change costs what stands around it."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.snapshot import never
from ecluse.passage.classify import Engine, blocks, engine
from ecluse.passage.classify.resolve import Claim
from tests.passage.classify.texts import PROSE, around_fixtures

TEXT = "\n".join(f"Dossier {n} : {PROSE[n % 4]}" for n in range(900))


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut texts that Hypothesis can draw."""
    for name, size in (("LONG", 200), ("_LEAST", 120), ("_MOST", 400)):
        monkeypatch.setattr(blocks, name, size)


def whole(cascade: Engine, text: str) -> tuple[Claim, ...]:
    kept, cascade._widest = cascade._widest, None
    try:
        return cascade.search(text, indirect=True)
    finally:
        cascade._widest = kept


class Counted:
    """A memory that counts the characters searched."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], object] = {}
        self.searched = 0

    def recall(self, version: str, text: str) -> object | None:
        return self.kept.get((version, text))

    def keep(self, version: str, text: str, found: object) -> None:
        self.kept[version, text] = found
        self.searched += len(text)


@pytest.mark.usefixtures("short")
@settings(max_examples=60, deadline=None)
@given(text=st.lists(around_fixtures(6) | st.sampled_from(PROSE), min_size=2, max_size=12).map("\n".join))
def test_a_text_in_blocks_shows_what_it_shows_whole(text: str, cascade: Engine) -> None:
    assert cascade.search(text, indirect=True) == whole(cascade, text)


def test_a_long_text_in_blocks_shows_what_it_shows_whole(cascade: Engine) -> None:
    assert len(blocks.blocks(TEXT, cascade._widest)) > 3
    assert cascade.search(TEXT, indirect=True) == whole(cascade, TEXT)


@settings(max_examples=50)
@given(text=around_fixtures(30), around=st.integers(0, 300))
@pytest.mark.usefixtures("short")
def test_blocks_cover_a_text_once_and_read_around_themselves(text: str, around: int) -> None:
    cut = blocks.blocks(text, around)
    assert all(not b.before or blocks.told(text[b.before : b.start]) >= blocks.BEFORE for b in cut)
    last = len(text)
    assert all(b.after == last or blocks.told(text[b.end : b.after]) >= around + blocks.AFTER for b in cut)
    assert "".join(text[block.start : block.end] for block in cut) == text


def grown(text: str) -> str:
    return text + "Encore une phrase de trois mots, et Mme Marie Kervadec signe.\n"


def changed_within(text: str) -> str:
    return text[:40_000] + "\nUne ligne de plus, que personne n'attendait.\n" + text[40_000:]


@pytest.mark.parametrize("change", [grown, changed_within])
def test_a_change_costs_what_stands_around_it(change: Callable[[str], str], cascade: Engine) -> None:
    memory = Counted()
    cascade._look(TEXT, never, memory)
    first, memory.searched = memory.searched, 0
    changed = change(TEXT)
    found = cascade._look(changed, never, memory)
    assert found == cascade._look(changed)
    assert 0 < memory.searched < 0.45 * first


@pytest.mark.parametrize("told", ["-----BEGIN RSA PRIVATE KEY-----", "PuTTY-User-Key-File-3: ssh-rsa"])
def test_a_text_with_a_private_key_is_not_cut(told: str, cascade: Engine) -> None:
    assert len(blocks.blocks(TEXT + told, cascade._widest)) == 1


def test_an_encoded_run_is_not_cut(cascade: Engine) -> None:
    run = "\n".join([PROSE[4]] * 2_000)
    text = f"{TEXT}\n{run}\n{TEXT}"
    start = text.index(run)
    edges = {edge for block in blocks.blocks(text, cascade._widest) for edge in block}
    assert not any(start < edge < start + len(run) for edge in edges)


def test_patterns_without_a_narrow_end_leave_a_text_whole() -> None:
    wide = engine([], {})
    assert wide._widest is not None
    wide._widest = None
    assert len(blocks.blocks(TEXT, None)) == 1


def test_what_an_encoding_hides_does_not_count_as_surroundings() -> None:
    assert blocks.told("a&#8203;b\\u00e9 %41c\u200b") == len("ab c")
    assert blocks.told("un m o t") == len("un mot")
