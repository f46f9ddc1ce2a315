"""Four worlds of a month each, for a tour of three minutes: who asked what, decided by the shipped rules.

Law: every verdict is the engine's; every provider is simulated and called so; the chance is drawn from a seed and the
date is pinned, so that a world is the same each time.
"""
