"""The settings of what is kept of prompts and answers, for each organisation that asks for it.

Law: without a table nothing is kept. A key is named, never written: in a file or a variable, or held outside by a
transit engine (OpenBao, HashiCorp Vault) or a device that speaks PKCS#11.
"""

from typing import Annotated

import msgspec

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
PATH = r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$"
NAME = r"^[A-Za-z0-9_.-]+$"


class TransitSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A key of a transit engine: its address, name and token (`env:NAME` or `file:PATH`), and where it is held."""

    address: str
    key: Annotated[str, msgspec.Meta(pattern=NAME, max_length=120)]
    token: str
    mount: Annotated[str, msgspec.Meta(pattern=PATH, max_length=120)] = "transit"
    namespace: Annotated[str, msgspec.Meta(pattern=PATH, max_length=120)] | None = None
    hosted_on: str = "unknown"


class Pkcs11Settings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """An AES key of a device: its module, the labels of token and key, the PIN's reference, and where it is held."""

    module: str
    token: Word
    key: Word
    pin: str
    hosted_on: str = "unknown"


class CaptureSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Keep an organisation's prompts and answers for some days, under a key of its own: one of the three."""

    days: Annotated[int, msgspec.Meta(ge=1, le=366)]
    key: str | None = None
    transit: TransitSettings | None = None
    pkcs11: Pkcs11Settings | None = None

    def __post_init__(self) -> None:
        """Refuse none or two keys."""
        if sum(one is not None for one in (self.key, self.transit, self.pkcs11)) != 1:
            raise ValueError("one key: write key, or a table transit, or a table pkcs11")
