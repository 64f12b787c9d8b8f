"""Benchmarks: ratios of times and peaks of memory, each pair measured side by side in one run."""
