"""A DMS endpoint on loopback that plays a project, or a change by its script."""
