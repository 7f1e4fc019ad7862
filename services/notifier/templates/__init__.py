"""Versioned texts in Dutch and English, and what renders them."""
