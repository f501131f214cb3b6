"""What stands between a message and apprise's services, and own services where apprise falls short."""
