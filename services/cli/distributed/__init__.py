"""The distributed shape on one machine: four processes as they run elsewhere, kept alive by one parent."""
