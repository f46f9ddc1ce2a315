"""Messages about files that people write: the line, the word that was meant, what to write."""

import msgspec
import pytest

from ecluse.edge.config import Settings
from ecluse.packs.misread import line_of, line_of_row, misread

TEXT = """\
[gateway]
hosted_on = "own_premises"

[[organisations]]
id = "a"
name = "A"
kind = "private"

[[organisations]]
id = "b"
name = "B"
kind = "private"
modes = { "gdpr.transfer" = "observe" }

[[organisations.applications]]
id = "one"
name = "One"
purposes = ["p"]
analyses = [
  { kind = "register_entry", reference = "1" },
  { kind = "sren31", reference = "2" },
]
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("hosted_on", "hostd_on", 2, "did you mean `hosted_on`?"),
        ('"B"\nkind = "private"', '"B"\nkind = "privat"', 12, "did you mean `private`?"),
        ('"observe"', '"observed"', 13, "write one of: observe, warn, enforce"),
        ('name = "One"\n', "", 15, 'write `name`: "..."'),
        ('"sren31"', '"sren_31"', 21, "did you mean `sren31`?"),
        ('"2" }', '"2", valid_until = "soon" }', 21, "e.g. 2026-11-24"),
        ('purposes = ["p"]', 'purposes = "p"', 18, "write [...]"),
        ('"own_premises"', "3", 2, 'write "..."'),
        ("[[organisations.applications]]", "[[organisations.aplications]]", 15, "did you mean `applications`?"),
    ],
)
def test_settings_that_do_not_fit_are_told_with_line_word_and_what_to_write(
    old: str, new: str, line: int, says: str
) -> None:
    text = TEXT.replace(old, new)
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.toml.decode(text, type=Settings)
    found, _, what = misread(Settings, text, str(raised.value))
    assert says in what
    assert abs((found or 0) - line) <= (1 if "valid_until" in new else 0)


def test_a_line_that_cannot_be_told_is_none() -> None:
    assert line_of("", "nothing.here") is None
    assert line_of_row("", "offers (x).scope") is None
    assert line_of_row('[[offers]]\nid = "x"\nscope = 1\n', "offers (x).scope") == 3
    assert line_of_row('[[stakes]]\nholder = "a"\nheld = "b"\n', "stakes (a->b)") == 1
