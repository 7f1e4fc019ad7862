"""Adapters for other processes: the client port within one process, the event feeds, a look at the register's head."""
