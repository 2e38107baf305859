"""Functional forms, one a file; see `qcmethod.potentials.site` for what one must provide."""
