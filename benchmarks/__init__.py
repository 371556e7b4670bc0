"""weft and its peers at the same work, side by side: `make bench`, or `python -m benchmarks`."""
