"""The DMS for Kafka API: its request signature, and the calls that Headway makes."""
