"""What the settings may be, and how they are read from the environment."""
