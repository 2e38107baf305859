"""A problem on a mesh."""
