"""Stand-ins for providers, for the demo and the tests, and the small local model that answers for them.

Law: a simulator refuses what its provider would, by the types that the provider's own SDK publishes; it shares no
code with Ecluse, so that the two cannot agree on a mistake; and it writes down every connection, so that silence can be
shown.
"""
