"""Tokens with which programs act as a member of staff, through the API alone."""
