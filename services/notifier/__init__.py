"""notifier: says what is owed to whom, on time, once, and never to a person who must not hear it yet."""
