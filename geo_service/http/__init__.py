"""HTTP for every route: responses, addresses, links, files, metrics, limits."""
