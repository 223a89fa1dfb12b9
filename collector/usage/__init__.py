"""Whose usage counts where spans repeat each other."""
