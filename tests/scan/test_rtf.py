"""RTF to its lines: what stands beside the text of a document too."""

import pytest

from ecluse.scan.rtf import rtf_lines


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        (
            rb"{\rtf1\ansi Bonjour\par Mme H\'e9l\'e8ne Lef\'e8vre\par}",
            ["Bonjour", "Mme H\u00e9l\u00e8ne Lef\u00e8vre"],
        ),
        (rb"{\rtf1\uc1 H\u233?l\u232?ne}", ["H\u00e9l\u00e8ne"]),
        (rb"{\rtf1{\uc2 \u233\'c3\'a9t\'e9} fin}", ["\u00e9t\u00e9 fin"]),
        (rb"{\rtf1 avant{\footnote Son IBAN}apr\'e8s}", ["avant", "Son IBAN", "apr\u00e8s"]),
        (
            rb"{\rtf1 un{\*\atnauthor Jean Testard}{\*\annotation voir le NIR} mot}",
            ["un", "Jean Testard", "voir le NIR", "mot"],
        ),
        (rb"{\rtf1{\info{\author Paul Martin}{\title Note}}x}", ["Paul Martin", "Note", "x"]),
        (rb"{\rtf1 {\deleted effac\'e9} et {\v cach\'e9}}", ["effac\u00e9 et cach\u00e9"]),
        (rb"{\rtf1{\fonttbl{\f0 Arial;}}{\pict\pngblip 89504e47}{\stylesheet{\s1 Titre;}}mot}", ["mot"]),
        (rb"{\rtf1 a\{b\}c\\d\~e\_f}", ["a{b}c\\d\u00a0e-f"]),
        (rb"{\rtf1 \u-10179?\u-8704? x}", ["\U0001f600 x"]),
        (b"", []),
        (rb"}}} mot {{{ \u", ["mot"]),
        (b"{" * 50_000 + b"mot", ["mot"]),
    ],
)
def test_each_line_is_told_with_what_stands_beside_the_text(written: bytes, lines: list[str]) -> None:
    assert list(rtf_lines(written)) == lines
