"""A sheet of goods: read one, say what it would change, take it over."""
