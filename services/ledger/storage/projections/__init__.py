"""The read models: filled by set-based SQL from the envelopes, rebuilt aside and swapped."""
