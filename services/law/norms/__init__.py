"""The norms as data: one YAML file per statute, in our own words. ``services.law.norm_set`` reads their text."""
