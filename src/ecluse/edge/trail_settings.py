"""The settings of who reads the trail, and of who witnesses it.

Law: by default no one reads it whole.
"""

import msgspec


class WitnessSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A witness: where it listens, and its public key, which has its name."""

    url: str
    key: str


class TrailSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Who may read the trail whole. By default no one: entries name applications and data classes."""

    public: bool = False
    readers: list[str] = []
    witnesses: list[WitnessSettings] = []
