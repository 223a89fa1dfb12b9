"""What the strategies' runs say of themselves, put together over a window: one file a strategy.

Each answers a named question of its own from two others, `findings` and `strategy_calls`. The sums are plain
Python over rows, so that they are the same whatever the store runs on.
"""
