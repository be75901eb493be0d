"""What every request passes, and what every answer gets, whatever page it is."""
