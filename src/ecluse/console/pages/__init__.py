"""The pages: one file of routes each, found by looking and named in no list."""
