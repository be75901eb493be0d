"""An app for chaos runs only: it adds kill points to every step."""
