"""What was examined as one page of HTML that needs nothing else.

Law: every text is escaped; no script, no address of elsewhere. The page holds the document's text: whoever may read the
document may read the page.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from ecluse.domain.finding import Finding
from ecluse.scan.examine import Examined
from ecluse.scan.found import SAYS

_PAGES = Environment(
    loader=PackageLoader("ecluse.scan", "pages"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of text, with the findings that cover it."""

    text: str
    findings: tuple[Finding, ...] = ()

    @property
    def told(self) -> str:
        """What is said of it: kind, class, how sure, by which recogniser, and why."""
        return "; ".join(
            f"{f.kind} ({f.data_class}), {f.confidence:.2f}, {f.recogniser}: {f.evidence}" for f in self.findings
        )

    @property
    def data_class(self) -> str:
        """The class that colours it."""
        return str(self.findings[0].data_class) if self.findings else ""


def pieces(text: str, findings: Sequence[Finding]) -> Iterator[Piece]:
    """Cut a text where a finding begins or ends, so that findings that overlap are all told."""
    cuts = sorted({0, len(text), *(f.start for f in findings), *(f.end for f in findings)})
    for start, end in itertools.pairwise(cuts):
        here = tuple(f for f in findings if f.start <= start and end <= f.end)
        yield Piece(text=text[start:end], findings=here)


def html_of(examined: Examined, language: str) -> str:
    """Return a document's text with what was found in it."""
    by_part: dict[str, list[Finding]] = {}
    for finding in examined.findings:
        by_part.setdefault(finding.slot, []).append(finding)
    return _PAGES.get_template("document.html").render(
        examined=examined,
        parts=[(part, list(pieces(part.text, by_part.get(part.path, ())))) for part in examined.parts],
        says=says(language),
        fr=language == "fr",
    )


def says(language: str) -> Mapping[str, str]:
    """Return the reasons for unread parts in a language."""
    return {str(why): told[language == "fr"] for why, told in SAYS.items()}


def page(name: str, **shown: object) -> str:
    """Return a page of this package with what it shows."""
    return _PAGES.get_template(name).render(**shown)
