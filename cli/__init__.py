"""The command line: the top layer, which may use every package and loads each only when needed."""
