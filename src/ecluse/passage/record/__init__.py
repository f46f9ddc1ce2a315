"""A passage to entries, entries to a tree, a tree to a signed head."""
