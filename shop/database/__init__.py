"""What the shop asks of its database beyond Django: triggers, online migrations."""
