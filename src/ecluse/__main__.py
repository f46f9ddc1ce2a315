"""`python -m ecluse` is `ecluse`."""

from ecluse.cli.main import main

main()
