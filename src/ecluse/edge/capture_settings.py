"""The settings of what is kept of prompts and answers, for each organisation that asks for it.

Law: without a table nothing is kept. A key is named, never written.
"""

from typing import Annotated

import msgspec


class CaptureSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Keep an organisation's prompts and answers for some days, under a key of its own (`env:NAME` or `file:PATH`)."""

    key: str
    days: Annotated[int, msgspec.Meta(ge=1, le=366)]
