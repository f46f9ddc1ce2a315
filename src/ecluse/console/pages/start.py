"""The first page: what runs here, and a first request within a minute."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ecluse.console.page import Page
from ecluse.console.view import ground_of, render, said
from ecluse.edge.roles import Act


def show(request: Request) -> Response:
    """Show where things are, and how to send a first request."""
    ground = ground_of(request)
    trail = ground.trail()
    snapshot = ground.snapshot
    applications = list(ground.applications().items())
    values = {
        "title": said(request)("start.title"),
        "base": f"http://{ground.listens}/v1",
        "snapshot": snapshot,
        "simulated": sum(one.simulated for one in snapshot.destinations.values()),
        "entries": trail.size() if trail else 0,
        "applications": applications,
        "application": applications[0][0] if applications else "APPLICATION",
        "state": ground.settings.gateway.state_dir,
        "hosted_on": ground.settings.gateway.hosted_on,
    }
    return render(request, "start.html", values)


PAGE = Page(name="start", act=Act.LOOK, path="/", routes=[Route("/", show)], group="see", order=0)
