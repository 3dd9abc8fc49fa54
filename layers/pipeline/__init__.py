"""The whole line of a build, from a workspace to a release."""
