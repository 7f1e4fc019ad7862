"""The event feed over Kafka: what puts the records of each lane in order is pure, one module knows the broker."""
