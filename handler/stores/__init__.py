"""Where ledgers are kept: the port, its adapters, and the codec between them and the core."""
