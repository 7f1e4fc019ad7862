"""The law of covenants: what one says on a day, which one governs, how two differ, and where they contradict."""
