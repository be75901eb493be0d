"""Text from outside and to the outside: cleaned, stored, sealed, redacted."""
