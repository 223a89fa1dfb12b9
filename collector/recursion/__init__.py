"""How runs nest: recursive nodes, composites inside composites, agents that call agents."""
