"""Ratios measured side by side in one run. `python -m benchmarks` prints them; nothing here is asserted in a test."""
