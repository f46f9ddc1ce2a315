"""The settings of the answer cache, and the rule that they make.

Law: without a bound in bytes nothing is kept; without a class written here only public data are.
"""

from typing import Annotated

import msgspec

from ecluse.domain.caching import Caching
from ecluse.domain.finding import DataClass


class CacheSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Answers that are given again to the same call. Sizes in bytes; off while `bytes` is 0.

    `classes` are data classes, masked forms too, whose answers may be kept beside those of public data.
    """

    bytes: Annotated[int, msgspec.Meta(ge=0)] = 0
    answer_bytes: Annotated[int, msgspec.Meta(ge=1)] = 256 * 1024
    seconds: Annotated[int, msgspec.Meta(ge=1, le=86_400)] = 300
    classes: list[DataClass] = []


def caching(stated: CacheSettings) -> Caching:
    """Return the rule."""
    return Caching(
        seconds=stated.seconds if stated.bytes else 0,
        answer_bytes=stated.answer_bytes,
        classes=frozenset(stated.classes),
    )
