"""The data plane, in the order a request walks. Pure: deterministic, no I/O, no clock, no chance."""
