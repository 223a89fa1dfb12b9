"""Where spans are kept. `interface.py` says what a store can do; the rest of the collector knows no engine."""
