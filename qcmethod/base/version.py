"""The version of this package: files and run folders carry it."""

__version__ = "0.1.0"
