"""What retention decides by itself: when to look again."""
