"""Many solutions."""
