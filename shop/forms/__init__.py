"""The fields and rows of all forms, of customers and of staff."""
