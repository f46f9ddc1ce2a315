"""Files and batches that the gateway answers by itself: each line a passage of its own, what is kept sealed.

Law: off until the settings give it an end; one process alone.
"""
