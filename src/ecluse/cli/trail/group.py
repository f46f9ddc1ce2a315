"""The commands of `ecluse trail`, each in the file of its kind.

Law: all but `erase` and `prune` only read, need no secret, and work while the gateway serves. Exit code 0: it holds,
or is done; 1: it does not hold, or there is nothing to show; 2: it could not be looked at.
"""

import typer

from ecluse.cli.trail import erase, export, fsck, page, proofs, show, verify

app = typer.Typer(help="Verify, read, prove and export the trail.", no_args_is_help=True)
app.command("verify")(verify.verify)
app.command("show")(show.show)
app.command("checkpoint")(show.checkpoint)
app.command("prove")(proofs.prove)
app.command("consistency")(proofs.consistency)
app.command("export")(export.export)
app.command("verifier")(page.verifier)
app.command("fsck")(fsck.fsck)
app.command("erase")(erase.erase)
app.command("prune")(erase.prune)
