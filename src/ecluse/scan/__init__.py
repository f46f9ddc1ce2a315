"""Documents and corpora: files of any kind to the texts in them, and what those texts show."""
