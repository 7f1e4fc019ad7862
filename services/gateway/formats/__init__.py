"""From raw bytes to the value types of the contract, strictly, with every fault told at once."""
