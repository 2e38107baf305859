"""Laws of a cell, one a file; see `qcmethod.crystal.law`."""
