"""The tests of Grootboek; their folders mirror the services."""
