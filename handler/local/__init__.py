"""Your own machine as a third platform: the command line and a simulator of the DMS API."""
