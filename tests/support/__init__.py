"""Tools the tests share: fixtures as small plugins."""
