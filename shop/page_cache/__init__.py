"""Pages that are the same for all guests, kept ready to send (docs/adr/0029)."""
