"""The figures of the estimate: each has its source, and what has none is refused."""

from pathlib import Path

import pytest

from ecluse.packs.errors import PackError
from ecluse.packs.footprint import load
from ecluse.packs.footprint.load import BUILT_IN
from ecluse.packs.registry.countries import COUNTRIES, EU27


def test_every_figure_has_a_dated_source_and_every_country_is_one() -> None:
    method = load()
    assert all(source.url.startswith("https://") for source in method.sources)
    assert set(method.grid.grams) <= COUNTRIES
    assert EU27 - set(method.grid.grams) == {"HR"}


@pytest.mark.parametrize(
    ("written", "instead", "says"),
    [
        ('[grid]\nsource = "electricity"', '[grid]\nsource = "hearsay"', "cites 'hearsay'"),
        ('tokens = 400\nbillions = 123.0\nsource = "mistral_lca"', "tokens = 400\nbillions = 123.0", "source"),
        ("value = 1.09", "value = 1.6", "above its upper bound"),
        ("FR = ", "FR = -", "> 0.0"),
        ("[gpu]", "[gpu", "cannot be read"),
    ],
)
def test_it_refuses_a_figure_that_cannot_be_right(tmp_path: Path, written: str, instead: str, says: str) -> None:
    text = BUILT_IN.read_text(encoding="utf-8")
    assert written in text
    changed = tmp_path / "method.toml"
    changed.write_text(text.replace(written, instead), encoding="utf-8")
    with pytest.raises(PackError, match=says):
        load(changed)


def test_it_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="cannot be read"):
        load(tmp_path / "none.toml")
