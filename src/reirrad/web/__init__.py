"""The review page: HTTP in, pages and answers out; listens on loopback."""
