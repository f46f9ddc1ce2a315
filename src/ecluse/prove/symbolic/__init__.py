"""Proofs over any caller and any destination that anyone may ever add. Needs the extra `prove`.

Law: nothing imports this package but whoever was asked for such a proof; a counterexample is shown only if Cedar and
the data plane's engine confirm it.
"""
