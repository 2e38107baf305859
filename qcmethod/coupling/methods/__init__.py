"""The coupling methods, one a file: a file that is here is in (`coupling.method`)."""
