"""Limits and budgets: counted in this process, or by a Valkey or Redis that replicas share. One contract suite."""
