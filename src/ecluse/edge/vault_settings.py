"""The settings of the vault of conversations that providers keep.

Law: without an address nothing is kept and nothing is gone on from: both are refused by name.
"""

from typing import Annotated

import msgspec


class VaultSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Where what is needed to go on from kept conversations is sealed: a folder, or a server that replicas share.

    `days` is the longest that it is kept; `hosted_on` is the place, an offer of the registry or `own_premises`.
    """

    url: str | None = None
    days: Annotated[int, msgspec.Meta(ge=1, le=365)] = 30
    hosted_on: str | None = None
