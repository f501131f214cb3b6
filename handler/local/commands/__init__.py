"""The commands of `headway`, a module each, by their names."""
