"""The demo: the main job on real input, before one real small model and simulated providers.

Law: everything shown comes from a response, the trail or a simulator's journal; each scene says what it expects and the
demo ends with 1 when one differs; when it ends, no process, no port and no file outside `.ecluse/` is left.
"""
