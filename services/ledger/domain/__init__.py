"""Pure rules and value types of the ledger: no HTTP, no SQL, no Kafka."""
