"""Settings of what an owner puts on record for an application.

Law: what is on record has a reference and may have an end; a contract for hosting health data says which activities.
"""

from datetime import date
from typing import Annotated

import msgspec

from ecluse.domain.caller import AnalysisKind

Activity = Annotated[int, msgspec.Meta(ge=1, le=6)]


class AnalysisSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """An analysis on record."""

    kind: AnalysisKind
    reference: str
    valid_until: date | None = None
    activities: list[Activity] = []
