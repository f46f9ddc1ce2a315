"""What a page of the console is: an address, a place in the navigation, routes."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.routing import Route

from ecluse.edge.roles import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page. `name` is that of its file, its template, its words; `order` its place in its `group`.

    Who may not `act` does not see it; a page that states no act is for administrators.
    A page without a group is not in the navigation. `needs_gate` pages are shown only beside a serving gateway.
    """

    name: str
    path: str
    routes: Sequence[Route]
    group: str = ""
    order: int = 0
    needs_gate: bool = False
    act: Act = Act.ADMINISTER
    bare: bool = False
    """A bare page is open without a session."""
