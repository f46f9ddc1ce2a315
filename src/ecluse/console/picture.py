"""The picture of an exposure inside a page: the same drawing as `ecluse exposure --graph`, and all of it in words.

Law: it has no style of its own that a policy would bar: its classes are coloured by the page, light or dark. Whatever a
line of it says stands in the list of words too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ecluse.prove.drawing import draw, drawn
from ecluse.prove.exposure import Exposure
from ecluse.prove.holding import Graph


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawing, and each of its lines in words: those of a path that exposes, first, and the others."""

    svg: Markup
    exposing: Sequence[str]
    others: Sequence[str]


def picture(exposure: Exposure | None, graph: Graph, language: str) -> Picture | None:
    """Draw an exposure; None where nobody stands between, or nobody holds anybody."""
    if exposure is None:
        return None
    lines = drawn(exposure, graph, language)
    if not lines:
        return None
    return Picture(
        svg=Markup(draw(exposure, graph, language)),  # noqa: S704 - our own drawing, which escapes every name
        exposing=[words for words, exposes in lines if exposes],
        others=[words for words, exposes in lines if not exposes],
    )
