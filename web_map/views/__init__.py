"""What pages show, computed from a release: question, values, context, places."""
