"""`ecluse trail verifier`: one page that verifies receipts and exports in a browser, without a server.

Law: the page is whole in one file, loads nothing and sends nothing; its own policy forbids both.
"""

from importlib import resources

from ecluse.cli.trail.options import Out, put


def verifier(*, out: Out = None) -> None:
    """Write the verifier's page, in French and English, to be given to whoever checks a receipt or an export."""
    put((resources.files("ecluse.cli.trail") / "verifier.html").read_text(encoding="utf-8"), out)
