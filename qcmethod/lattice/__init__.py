"""Where the atoms of a crystal are."""
