"""Speed, side by side: `python -m benchmarks [NAME…]`. Always a ratio within one run."""
