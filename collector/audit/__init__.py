"""Pure functions that judge a trace: no storage, no screen."""
