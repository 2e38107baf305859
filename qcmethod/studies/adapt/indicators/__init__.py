"""Indicators of `adapt`, one a file: a file that is here is in (`studies.adapt.indicator`)."""
