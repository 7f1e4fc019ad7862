"""Schemas of the kinds that operators bring to a cluster; ``make crds`` makes them anew from their own code."""
