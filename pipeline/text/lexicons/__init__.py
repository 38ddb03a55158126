"""Word lists, one TOML file per language; a new file is found without being named anywhere."""
