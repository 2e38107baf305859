"""Finite elements, one a file; see `qcmethod.mesh.element`."""
