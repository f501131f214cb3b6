"""What programs read: the shapes of all JSON, the document that describes the API, and metrics."""
