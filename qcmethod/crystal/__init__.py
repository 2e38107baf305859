"""What a perfect crystal is."""
