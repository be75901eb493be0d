"""Staff's part of the API: what the admin shows and does, for programs with a token."""
