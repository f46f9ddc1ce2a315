"""What Ecluse does not check, one click from everywhere (INVARIANT 11)."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ecluse.console.page import Page
from ecluse.console.view import render, said
from ecluse.domain.not_checked import NOT_CHECKED
from ecluse.edge.roles import Act

ROWS = (
    "ground", "informed", "facts", "analyses", "missed", "files", "provider", "around", "answers", "shape",
)  # fmt: skip
"""The rows of docs/explanation/what-is-not-checked.md, in its order."""


def show(request: Request) -> Response:
    """Show it."""
    return render(
        request, "limits.html", {"title": said(request)("limits.title"), "rows": ROWS, "sentences": NOT_CHECKED}
    )


PAGE = Page(name="limits", act=Act.LOOK, path="/limits", routes=[Route("/limits", show)], group="know", order=90)
