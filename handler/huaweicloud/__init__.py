"""The DMS for Kafka API: its request signature and the two calls that Headway makes."""
