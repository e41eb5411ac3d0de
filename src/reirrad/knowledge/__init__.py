"""Tables of limits, ratios, rules and names; every row with its source."""
