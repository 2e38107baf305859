"""What happened between two states."""
