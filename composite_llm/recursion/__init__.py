"""What a recursive language model is made of: its task, its REPL's names, how it ends, what of the context was seen."""
