"""The ``grootboek`` command."""
