"""One file per recogniser, each exporting RECOGNISER."""
