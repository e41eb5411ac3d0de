"""The command line: parse a request, print the answer, exit."""
