"""What runs inside the locked process. Standard library alone: it is loaded before the process locks itself up."""
