"""What others may ask of notifier: letters to persons."""
