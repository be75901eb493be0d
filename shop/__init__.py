"""The shop's wiring; importing it loads nothing."""
