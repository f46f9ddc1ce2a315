"""The witness: a small program of somebody else's that cosigns a log's heads, and what the gateway sends it."""
