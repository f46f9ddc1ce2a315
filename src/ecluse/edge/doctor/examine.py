"""The whole examination, in the order of what one would mend first.

Law: it changes nothing and sends nothing to a provider; a part that cannot be looked at is a remark, never silence.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from ecluse.domain.destination import DestinationId
from ecluse.domain.snapshot import Snapshot
from ecluse.edge.config import Settings
from ecluse.edge.doctor.capture import capture_remarks
from ecluse.edge.doctor.files import file_remarks
from ecluse.edge.doctor.remark import Grade, Remark
from ecluse.edge.doctor.setup import settings_remarks
from ecluse.edge.doctor.state import state_remarks

ORDER = (Grade.MEND, Grade.WEIGH, Grade.GOOD)


def examine(
    settings: Settings, snapshot: Snapshot, known: frozenset[DestinationId], others: Iterable[Remark] = ()
) -> Sequence[Remark]:
    """Look at settings that load, their snapshot and their state directory.

    `known` is what the registry has, `others` what was found by looks that need the time.
    """
    state = Path(settings.gateway.state_dir)
    remarks = [*settings_remarks(settings, snapshot, known), *state_remarks(state, settings.store)]
    remarks += [*capture_remarks(settings), *file_remarks(settings.classification.files), *others]
    return sorted(remarks, key=lambda remark: ORDER.index(remark.grade))
