"""Reads the text of the rules, and of folders with an organisation's own.

Law: text only; what a rule says is checked where it is compiled. A pack is a file; two of one name are an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ecluse.packs.errors import PackError
from ecluse.packs.policies.review import Review, review_of

BUILT_IN = Path(__file__).parent
SCHEMA = "schema.cedarschema"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySources:
    """The schema and the packs, by name without suffix. Raises PackError for a review that cannot be read."""

    schema: str
    policies: Mapping[str, str]

    def __post_init__(self) -> None:
        """Read every review, so that a wrong one is found at load."""
        for name, text in self.policies.items():
            review_of(f"{name}.cedar", text)

    @property
    def reviews(self) -> Mapping[str, Review]:
        """Who reviewed each pack."""
        return {name: review_of(f"{name}.cedar", text) for name, text in self.policies.items()}


def load(*folders: Path) -> PolicySources:
    """Return the built-in rules and those of the folders. Raises PackError for a name used twice or no text."""
    policies: dict[str, str] = {}
    for folder in (BUILT_IN, *folders):
        for path in sorted(folder.glob("*.cedar")):
            if path.stem in policies:
                raise PackError(path.name, "", "a pack of this name is loaded already; rename the file")
            policies[path.stem] = _text(path)
    return PolicySources(schema=_text(BUILT_IN / SCHEMA), policies=policies)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(path.name, "", f"cannot be read: {error}") from error
