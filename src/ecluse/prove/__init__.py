"""The evidence: what verifies, explains and rehearses. Pure."""
