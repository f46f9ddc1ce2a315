"""The settings of files and batches.

Law: without an end in hours nothing is kept, and files and batches are refused by name.
"""

from typing import Annotated

import msgspec


class BatchSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Files of calls that the gateway answers by itself, one call after the other. Off while `keep_hours` is 0.

    `lines` bounds one file, `bytes` what one application has kept at a time, `concurrent` the calls under way.
    """

    keep_hours: Annotated[int, msgspec.Meta(ge=0, le=720)] = 0
    lines: Annotated[int, msgspec.Meta(ge=1, le=50_000)] = 1000
    bytes: Annotated[int, msgspec.Meta(ge=1)] = 64 * 1024 * 1024
    concurrent: Annotated[int, msgspec.Meta(ge=1, le=64)] = 4
