"""Chaos with a warehouse system: it fails, too, and staff cancel orders meanwhile."""
