"""The ways a message leaves: mail, folder, printable letter, webhook."""
