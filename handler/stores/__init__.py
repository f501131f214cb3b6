"""Where ledgers are kept: the port, its adapters, and what puts ledgers and markers on it."""
