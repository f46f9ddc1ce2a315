"""The hosted tools of a past request, asked again: who received what they were sent, as it is on record now.

Law: the trail keeps the recipient's name, not the address of a server; what is on record under that name is asked. A
name that is no longer on record is called by nobody: the gateway refuses such a tool by name (decision 22).
"""

from collections.abc import Sequence

from ecluse.domain.destination import DestinationId
from ecluse.domain.hosted import HostedRef
from ecluse.domain.snapshot import Snapshot
from ecluse.domain.verdict import Basis, Reason, Refusal, RuleId
from ecluse.passage.decide import recipients_of

REFUSED_BY_NAME = Refusal(
    reasons=(
        Reason(
            rule=RuleId("hosted_tool_refused"),
            en="Who receives what a hosted tool is sent is not on record, or unverified: such a tool is refused.",
            fr="Qui reçoit ce qui est envoyé à un outil hébergé n'est pas enregistré, ou pas vérifié : il est refusé.",
            source="Ecluse, décision 22 : un outil hébergé est refusé tant que son destinataire n'est pas enregistré",
            basis=Basis.HOUSE,
        ),
    )
)
"""What becomes of a request whose tools nobody may receive. The gateway answers with the error code of this name."""


def tools_of(snapshot: Snapshot, recipients: frozenset[DestinationId], dialect: str) -> frozenset[HostedRef] | None:
    """Return the tools behind some recipients; None when one of them is not on record."""
    known = {one.id: one for one in snapshot.recipients}
    if not recipients <= known.keys():
        return None
    found = (known[id_] for id_ in recipients)
    return frozenset(HostedRef(kind=one.kind, dialect=dialect, address=one.address) for one in found)


def able(
    snapshot: Snapshot, tools: frozenset[HostedRef], candidates: Sequence[DestinationId]
) -> tuple[DestinationId, ...]:
    """Keep the destinations at which every tool has a recipient that opens something."""
    return tuple(id_ for id_ in candidates if recipients_of(snapshot, id_, tools) is not None)
