"""The format of a release, for those who read it: the server, the pages, a plugin."""
