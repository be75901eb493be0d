"""A bulk import of goods: a saga of each line of the file."""
