"""Benchmarks: generated input of any size, and the table of docs/benchmarks.md."""
