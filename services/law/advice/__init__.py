"""Advice on an act that is about to happen: what would make it allowed, who must tell whom, until when it is kept."""
