"""Prompts and answers that are kept, where an organisation asks for it: sealed, for some days, read in view of all."""
