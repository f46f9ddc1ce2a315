"""How the commands that list persons say their names: behind pseudonyms, unless somebody says why they want them.

Law: with `--names` nothing is shown before the trail says who reads, what and why; what it cannot write is not shown.
"""

from pathlib import Path
from typing import Annotated

import typer

from ecluse.cli.common import fail
from ecluse.domain.ports import Clock
from ecluse.edge.chain import DocketUnusable
from ecluse.edge.docket_trail import tell_now
from ecluse.edge.keys import Secrets, SecretsUnusable
from ecluse.edge.naming import Names, ask_names, names_of
from ecluse.edge.stores.beside import docket_of

Shown = Annotated[bool, typer.Option("--names", help="Show names of persons; needs `--reason`, `--by` and `--role`.")]
Why = Annotated[
    str, typer.Option("--reason", help="With `--names`: why, a reference such as CASE-7. The trail has it.")
]
Reader = Annotated[str, typer.Option("--by", help="With `--names`: who reads them. It stays beside the trail.")]
ReaderRole = Annotated[str, typer.Option("--role", help="With `--names`: in which role, one word. The trail has it.")]


def names(state: Path, clock: Clock, page: str, *, shown: bool, why: str, by: str, role: str) -> Names:
    """Return how names are said; with `shown`, once the trail has who reads them and why. Leaves with what is wrong."""
    if not shown and (why or by or role):
        fail("--reason, --by and --role go with --names")
    try:
        if shown:
            own = Secrets.open(state)
            docket = docket_of(state, own)
            ask_names(docket, name=by, role=role, why=why, page=page, now=clock.now())
            tell_now(state, docket, own, clock)
        return names_of(state, shown=shown)
    except (DocketUnusable, SecretsUnusable) as error:
        fail(f"no name is shown: {error}")
