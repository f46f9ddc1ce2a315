"""How an application wants its values masked, beyond the surrogates that everything gets (decision 24).

Law: nothing here opens anything: whatever the style, the rules judge the same masked classes. A format-valid surrogate
is reversible; what is generalised is not, and is counted where the caller and the trail see it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from ecluse.domain.vault import SurrogateType


class Form(StrEnum):
    """What the surrogates of a kind look like: a format that a program accepts, or a date moved by some days."""

    FORMAT = "format"
    SHIFT = "shift"


class Quasi(StrEnum):
    """What can be made coarser: an age to ten years, a date to its month, an address to its department."""

    AGE = "age"
    DATE = "date"
    POSTCODE = "postcode"


FORMS: Mapping[str, tuple[Form, SurrogateType]] = MappingProxyType(
    {
        "iban": (Form.FORMAT, SurrogateType.IBAN),
        "phone": (Form.FORMAT, SurrogateType.PHONE),
        "email": (Form.FORMAT, SurrogateType.EMAIL),
        "date": (Form.SHIFT, SurrogateType.DATE),
    }
)
"""What a setting may ask for: the kind, its one form, and the type of its surrogates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskingStyle:
    """The types whose surrogates are format-valid, and what is generalised. By default none."""

    formatted: frozenset[SurrogateType] = field(default_factory=frozenset)
    generalised: frozenset[Quasi] = field(default_factory=frozenset)


PLAIN_STYLE = MaskingStyle()
