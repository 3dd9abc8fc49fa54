"""The page planners use: templates, TypeScript and its built bundle (see README.md)."""
