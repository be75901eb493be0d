"""An app for chaos runs only: it gives every step places at which to die."""
