"""The rows of a scorecard, one file each (`studies.scorecard.row`)."""
