"""Pages for people at the same door: may I share this, and a quick log. Without scripts, in Dutch and English."""
