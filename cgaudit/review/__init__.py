"""What people decided about labels: written into the data, and remembered."""
