"""The answer to "may I share this?" as a person reads it in a terminal."""
