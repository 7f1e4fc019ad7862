"""What must be said, when and under which id: pure."""
