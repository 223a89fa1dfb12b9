"""Reading what a client asks for: which strategy, which models, with which parameters."""
